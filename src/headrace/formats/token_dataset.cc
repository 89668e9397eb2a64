// Which files a path means, and whether a .bin is what its .idx says.
#include "headrace/formats/token_dataset.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/formats/litdata.h"

namespace headrace::formats {
namespace {

constexpr std::string_view k_index_ending = ".idx", k_tokens_ending = ".bin";

bool is_file(Files& files, const std::string& path) {
  const auto stat = files.stat(path);
  return stat && stat->is_regular;
}

// What .idx and .bin have in common, for each pair that the path names.
std::vector<std::string> prefixes_of(Files& files, const std::string& path) {
  if (path.ends_with(k_index_ending) || path.ends_with(k_tokens_ending)) {
    const std::string prefix = path.substr(0, path.size() - 4);
    const bool is_chunk = k_litdata_format.has_name(path) && !is_file(files, prefix + ".idx");
    return is_chunk ? std::vector<std::string>() : std::vector{prefix};
  }
  if (is_file(files, path + ".idx")) return {path};
  std::vector<std::string> prefixes;
  for (const FolderEntry& entry : files.list(path).value_or(std::vector<FolderEntry>())) {
    if (entry.is_folder || !entry.name.ends_with(k_index_ending)) continue;
    const std::string prefix = path + "/" + entry.name.substr(0, entry.name.size() - 4);
    if (is_file(files, prefix + ".bin")) prefixes.push_back(prefix);
  }
  return prefixes;
}

[[noreturn]] void refuse(Code code, const std::string& object, std::string cause, std::string hint,
                         std::optional<uint64_t> offset_bytes = {}) {
  throw Error({.code = code,
               .action = "cannot read token file",
               .object = object,
               .offset_bytes = offset_bytes,
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

TokenIndex open_index(Files& files, const std::string& path) {
  auto index = TokenIndex::open(files, path);
  if (index) return std::move(*index);
  const bool missing = index.error().kind == IndexFailure::Kind::missing;
  refuse(missing ? Code::not_found : Code::corrupt, path, index.error().what,
         missing ? "a .bin is read by its .idx; give the path of both without the ending"
                 : "write both files again",
         index.error().offset_bytes);
}

// Tokens follow each other without gaps, which the last sequence tells.
void check_size(const std::string& path, const TokenIndex& index, uint64_t size_bytes) {
  const uint64_t count = index.sequence_count();
  const auto last = count == 0 ? std::nullopt : index.extent(count - 1, size_bytes);
  if (last && last->offset_bytes + last->length_bytes == size_bytes) return;
  if (count == 0 && size_bytes == 0) return;
  refuse(Code::corrupt, path,
         fmt::format("it has {} bytes, and its index does not end there", size_bytes),
         "the two are not of one set, or writing was cut short");
}

}  // namespace

bool is_token_path(Files& files, const std::string& path) {
  return !prefixes_of(files, path).empty();
}

std::unique_ptr<TokenDataset> TokenDataset::open(const std::string& path,
                                                 const OpenOptions& options) {
  auto dataset = std::make_unique<TokenDataset>();
  dataset->facts_.sequence_tokens = options.sequence_tokens;
  for (const std::string& prefix : prefixes_of(*options.files, path)) {
    dataset->add(*options.files, prefix);
  }
  if (dataset->sample_count() == 0 && options.sequence_tokens > 0) {
    refuse(Code::not_found, path,
           fmt::format("it has fewer tokens than one sequence of {} and its label",
                       options.sequence_tokens),
           "a shorter dataset.sequence");
  }
  return dataset;
}

void TokenDataset::add(Files& files, const std::string& prefix) {
  File file{.path = prefix + ".bin", .size_bytes = 0, .index = open_index(files, prefix + ".idx")};
  const auto stat = files.stat(file.path);
  if (!stat) throw_errno(stat.error(), "cannot open token file", file.path);
  file.size_bytes = stat->size_bytes;
  check_size(file.path, file.index, file.size_bytes);
  const TokenType type = file.index.type();
  if (type == TokenType::float32 || type == TokenType::float64) {
    refuse(Code::unsupported, file.path, fmt::format("its tokens are {}", name_of(type)),
           "token ids are whole numbers");
  }
  if (!files_.empty() && files_.front().index.type() != type) {
    refuse(Code::invalid_argument, file.path,
           fmt::format("its tokens are {} where others are {}", name_of(type),
                       name_of(files_.front().index.type())),
           "one data set has one type of token");
  }
  facts_.token_bytes = static_cast<uint32_t>(size_of(type));
  facts_.is_signed = type != TokenType::uint8 && type != TokenType::uint16;
  const uint64_t token_count = file.size_bytes / facts_.token_bytes;
  uint64_t sample_count = file.index.sequence_count();
  if (facts_.sequence_tokens > 0) {
    sample_count = token_count == 0 ? 0 : (token_count - 1) / facts_.sequence_tokens;
  }
  first_samples_.push_back(first_samples_.back() + sample_count);
  files_.push_back(std::move(file));
}

const std::string& TokenDataset::format() const {
  static const std::string k_format = "megatron";
  return k_format;
}

const std::vector<std::string>& TokenDataset::field_names() const {
  static const std::vector<std::string> k_names = {"tokens"};
  return k_names;
}

FileInfo TokenDataset::file(uint64_t file_index) const {
  const File& file = files_.at(file_index);
  return {.path = file.path,
          .size_bytes = file.size_bytes,
          .sample_count = first_samples_[file_index + 1] - first_samples_[file_index]};
}

Location TokenDataset::locate(uint64_t sample_id) const {
  HR_CHECK(sample_id < sample_count(), "sample {}", sample_id);
  const auto after = std::ranges::upper_bound(first_samples_, sample_id);
  const auto file_index = static_cast<uint32_t>(after - first_samples_.begin() - 1);
  return {.file_index = file_index,
          .fields = {},
          .computed = extent_of(files_[file_index], sample_id - first_samples_[file_index])};
}

FieldExtent TokenDataset::extent_of(const File& file, uint64_t sample_index) const {
  if (facts_.sequence_tokens > 0) {
    const uint64_t sequence_bytes = facts_.sequence_tokens * facts_.token_bytes;
    return {.offset_bytes = sample_index * sequence_bytes,
            .length_bytes = sequence_bytes + facts_.token_bytes};
  }
  const auto extent = file.index.extent(sample_index, file.size_bytes);
  if (extent) return {.offset_bytes = extent->offset_bytes, .length_bytes = extent->length_bytes};
  return {.offset_bytes = ~uint64_t{0} >> 1,
          .length_bytes = file.index.token_count(sample_index) * facts_.token_bytes};
}

std::string TokenDataset::key(uint64_t sample_id) const {
  return fmt::format("sequence {}", sample_id);
}

uint64_t TokenDataset::size_bytes() const {
  uint64_t size_bytes = 0;
  for (const File& file : files_) size_bytes += file.size_bytes;
  return size_bytes;
}

uint64_t TokenDataset::fingerprint() const {
  uint64_t hash = mix64(facts_.sequence_tokens, facts_.token_bytes);
  for (const File& file : files_) {
    const std::string name = file.path.substr(file.path.rfind('/') + 1);
    hash = mix64(mix64(hash, xxh3(name)), file.size_bytes);
    hash = mix64(hash, file.index.sequence_count());
  }
  return hash;
}

}  // namespace headrace::formats

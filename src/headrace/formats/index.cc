// The index's layout, checked before anything is believed. Offsets below are those of
// docs/formats/index.md.
#include "headrace/formats/index.h"

#include <algorithm>
#include <bit>

#include "headrace/base/check.h"
#include "headrace/base/endian.h"
#include "headrace/base/error.h"

namespace headrace::formats {
namespace {

constexpr std::string_view k_magic("HRINDEX\0", 8);
constexpr uint32_t k_version = 2;
constexpr size_t k_header_bytes = 96, k_name_limit_bytes = 255;
constexpr uint64_t k_block_bytes = 4096;  // of the body, checked as one
constexpr size_t k_pending_limit_bytes = 256 * 1024;
enum HeaderOffset : size_t {
  k_at_version = 8,
  k_at_kind = 12,
  k_at_sample_count = 16,
  k_at_field_count = 24,
  k_at_names_size = 28,
  k_at_source_size = 32,
  k_at_source_checksum = 40,
  k_at_stamp = 48,
  k_at_paths_size = 56,
  k_at_folders = 64,
  k_at_body_checksum = 72,
  k_at_reserved = 80,
  k_at_header_checksum = 88,
};
static_assert(sizeof(uint64_t) + k_field_limit * sizeof(FieldExtent) <= k_block_bytes);
static_assert(std::endian::native == std::endian::little, "records and checksums lie as in memory");
static_assert(sizeof(FieldExtent) == 24 && alignof(FieldExtent) == 8, "read in place");

std::unexpected<IndexFailure> damaged(std::string what, uint64_t offset_bytes) {
  return std::unexpected(IndexFailure{IndexFailure::Kind::damaged, std::move(what), offset_bytes});
}

// Of the header before its own checksum, and the names.
uint64_t preamble_checksum(std::span<const std::byte> preamble) {
  Xxh3Stream hash;
  hash.update(preamble.first(k_at_header_checksum));
  hash.update(preamble.subspan(k_header_bytes));
  return hash.digest();
}

std::vector<std::byte> blank_preamble(const std::vector<std::string>& field_names) {
  std::string names;
  for (const std::string& name : field_names) names += name + '\0';
  names.resize((names.size() + 7) / 8 * 8, '\0');
  std::vector<std::byte> preamble(k_header_bytes);
  const auto bytes = std::as_bytes(std::span(names));
  preamble.insert(preamble.end(), bytes.begin(), bytes.end());
  return preamble;
}

}  // namespace

std::expected<Index, IndexFailure> Index::open(Files& files, const std::string& path,
                                               BodyCheck check) {
  auto file = MappedFile::open(files, path);
  if (!file) {
    const auto kind =
        file.error() == ENOENT ? IndexFailure::Kind::missing : IndexFailure::Kind::unreadable;
    return std::unexpected(IndexFailure{kind, text_of_errno(file.error()), 0});
  }
  auto index = over(file->bytes(), check);
  if (index) index->file_ = std::move(*file);
  return index;
}

std::expected<Index, IndexFailure> Index::over(std::span<const std::byte> bytes, BodyCheck check) {
  Index index;
  index.bytes_ = bytes;
  if (auto read = index.read_header(); !read) return std::unexpected(read.error());
  if (auto read = index.read_body(check); !read) return std::unexpected(read.error());
  return index;
}

std::expected<void, IndexFailure> Index::read_header() {
  if (bytes_.size() < k_header_bytes)
    return damaged("it is cut off within its header", bytes_.size());
  if (std::memcmp(bytes_.data(), k_magic.data(), k_magic.size()) != 0) {
    return damaged("it does not begin as an index does", 0);
  }
  const std::byte* header = bytes_.data();
  const auto version = load_le<uint32_t>(header + k_at_version);
  if (version != k_version) {
    return damaged(fmt::format("it has version {}; this build reads {}", version, k_version),
                   k_at_version);
  }
  const auto names_size_bytes = load_le<uint32_t>(header + k_at_names_size);
  if (names_size_bytes % 8 != 0 || names_size_bytes > bytes_.size() - k_header_bytes) {
    return damaged("the size of its names is wrong", k_at_names_size);
  }
  const auto preamble = bytes_.first(k_header_bytes + names_size_bytes);
  if (preamble_checksum(preamble) != load_le<uint64_t>(header + k_at_header_checksum)) {
    return damaged("the checksum of its header does not hold", k_at_header_checksum);
  }
  facts_ = {.kind = static_cast<IndexKind>(load_le<uint32_t>(header + k_at_kind)),
            .source_size_bytes = load_le<uint64_t>(header + k_at_source_size),
            .source_checksum = load_le<uint64_t>(header + k_at_source_checksum),
            .stamp = load_le<uint64_t>(header + k_at_stamp),
            .folders_offset_bytes = load_le<uint64_t>(header + k_at_folders)};
  if (facts_.kind != IndexKind::shard && facts_.kind != IndexKind::image_folder) {
    return damaged("it is of an unknown kind", k_at_kind);
  }
  sample_count_ = load_le<uint64_t>(header + k_at_sample_count);
  body_checksum_ = load_le<uint64_t>(header + k_at_body_checksum);
  return read_names(load_le<uint32_t>(header + k_at_field_count), names_size_bytes);
}

std::expected<void, IndexFailure> Index::read_names(uint32_t field_count,
                                                    uint32_t names_size_bytes) {
  if (field_count > k_field_limit) return damaged("it has too many fields", k_at_field_count);
  std::string_view names(reinterpret_cast<const char*>(bytes_.data()) + k_header_bytes,
                         names_size_bytes);
  for (uint32_t i = 0; i < field_count; ++i) {
    const size_t end = names.find('\0');
    if (end == std::string_view::npos || end > k_name_limit_bytes) {
      return damaged("a field's name has no end", k_header_bytes);
    }
    field_names_.emplace_back(names.substr(0, end));
    names.remove_prefix(end + 1);
  }
  if (std::ranges::adjacent_find(field_names_, std::ranges::greater_equal()) !=
      field_names_.end()) {
    return damaged("its fields are not sorted by name", k_header_bytes);
  }
  records_offset_bytes_ = k_header_bytes + names_size_bytes;
  record_size_bytes_ = sizeof(uint64_t) + sizeof(FieldExtent) * field_count;
  return {};
}

std::expected<void, IndexFailure> Index::read_body(BodyCheck check) {
  const std::span<const std::byte> rest = bytes_.subspan(records_offset_bytes_);
  const auto paths_bytes = load_le<uint64_t>(bytes_.data() + k_at_paths_size);
  const bool fits = paths_bytes <= rest.size() && sample_count_ <= rest.size() / record_size_bytes_;
  const uint64_t body_bytes = fits ? sample_count_ * record_size_bytes_ + paths_bytes : 0;
  const uint64_t block_count = (body_bytes + k_block_bytes - 1) / k_block_bytes;
  if (!fits || rest.size() != body_bytes + sizeof(uint64_t) * block_count) {
    return damaged(fmt::format("its size does not fit its {} samples: it is cut off or has more",
                               sample_count_),
                   bytes_.size());
  }
  body_ = rest.first(body_bytes);
  block_sums_ = rest.subspan(body_bytes);
  const auto paths = body_.last(paths_bytes);
  paths_ = {reinterpret_cast<const char*>(paths.data()), paths.size()};
  if ((!paths_.empty() && paths_.back() != '\0') || facts_.folders_offset_bytes > paths_.size()) {
    return damaged("its table of paths is wrong", records_offset_bytes_ + body_bytes - paths_bytes);
  }
  if (xxh3(block_sums_) != body_checksum_) {
    return damaged("the checksum of its checksums does not hold",
                   records_offset_bytes_ + body_bytes);
  }
  held_ = std::make_unique<std::atomic<uint64_t>[]>(block_count / 64 + 1);
  for (uint64_t block = 0; check == BodyCheck::full && block < block_count; ++block) {
    if (block_holds(block)) continue;
    return damaged("the checksum of its records does not hold",
                   records_offset_bytes_ + block * k_block_bytes);
  }
  return {};
}

bool Index::holds(uint64_t sample_index) const {
  const auto [first, last] = blocks_of(sample_index);
  for (uint64_t block = first; block <= last; ++block) {
    if (!known_block(block) && !block_holds(block)) return false;
  }
  return true;
}

bool Index::known_to_hold(uint64_t sample_index) const {
  const auto [first, last] = blocks_of(sample_index);
  return known_block(first) && known_block(last);
}

// A record is shorter than a block, so that it lies in two at most.
std::pair<uint64_t, uint64_t> Index::blocks_of(uint64_t sample_index) const {
  HR_CHECK(sample_index < sample_count_, "index {}, count {}", sample_index, sample_count_);
  const uint64_t begin_bytes = sample_index * record_size_bytes_;
  return {begin_bytes / k_block_bytes, (begin_bytes + record_size_bytes_ - 1) / k_block_bytes};
}

bool Index::known_block(uint64_t block_index) const {
  return (held_[block_index / 64].load(std::memory_order_relaxed) >> block_index % 64 & 1) != 0;
}

bool Index::block_holds(uint64_t block_index) const {
  const auto rest = body_.subspan(block_index * k_block_bytes);
  const auto sum = load_le<uint64_t>(block_sums_.data() + block_index * sizeof(uint64_t));
  if (xxh3(rest.first(std::min<size_t>(rest.size(), k_block_bytes))) != sum) return false;
  held_[block_index / 64].fetch_or(uint64_t{1} << block_index % 64, std::memory_order_relaxed);
  return true;
}

void Index::release_pages() const {
  file_.release_pages();
  const uint64_t block_count = block_sums_.size() / sizeof(uint64_t);
  for (uint64_t word = 0; word <= block_count / 64; ++word) {
    held_[word].store(0, std::memory_order_relaxed);
  }
}

const std::byte* Index::record(uint64_t sample_index) const {
  HR_CHECK(sample_index < sample_count_, "index {}, count {}", sample_index, sample_count_);
  return bytes_.data() + records_offset_bytes_ + sample_index * record_size_bytes_;
}

uint64_t Index::record_offset_bytes(uint64_t sample_index) const {
  return load_le<uint64_t>(record(sample_index));
}

std::span<const FieldExtent> Index::fields(uint64_t sample_index) const {
  const auto* first = reinterpret_cast<const FieldExtent*>(record(sample_index) + sizeof(uint64_t));
  return {first, field_names_.size()};
}

std::string_view Index::path_at(uint64_t offset_bytes) const {
  if (offset_bytes >= paths_.size()) return "";
  return paths_.substr(offset_bytes, paths_.find('\0', offset_bytes) - offset_bytes);
}

IndexWriter::IndexWriter(Files& files, const std::string& path,
                         std::vector<std::string> sorted_field_names)
    : file_(files, path),
      field_names_(std::move(sorted_field_names)),
      preamble_(blank_preamble(field_names_)) {
  HR_CHECK(field_names_.size() <= k_field_limit, "{} fields", field_names_.size());
  pending_.reserve(k_pending_limit_bytes);
  file_.append(preamble_);
}

void IndexWriter::append(uint64_t record_offset_bytes, std::span<const FieldExtent> fields) {
  HR_CHECK(fields.size() == field_names_.size() && paths_size_bytes_ == 0, "{} fields, {} names",
           fields.size(), field_names_.size());
  put(std::as_bytes(std::span(&record_offset_bytes, 1)));
  put(std::as_bytes(fields));
  ++sample_count_;
}

void IndexWriter::append_paths(std::string_view paths) {
  put(std::as_bytes(std::span(paths)));
  paths_size_bytes_ += paths.size();
}

void IndexWriter::publish(const IndexFacts& facts) {
  flush();
  if (block_fill_bytes_ > 0) block_sums_.push_back(block_hash_.digest());
  file_.append(std::as_bytes(std::span(block_sums_)));
  std::byte* header = preamble_.data();
  std::memcpy(header, k_magic.data(), k_magic.size());
  store_le(header + k_at_version, k_version);
  store_le(header + k_at_kind, static_cast<uint32_t>(facts.kind));
  store_le(header + k_at_sample_count, sample_count_);
  store_le(header + k_at_field_count, static_cast<uint32_t>(field_names_.size()));
  store_le(header + k_at_names_size, static_cast<uint32_t>(preamble_.size() - k_header_bytes));
  store_le(header + k_at_source_size, facts.source_size_bytes);
  store_le(header + k_at_source_checksum, facts.source_checksum);
  store_le(header + k_at_stamp, facts.stamp);
  store_le(header + k_at_paths_size, paths_size_bytes_);
  store_le(header + k_at_folders, facts.folders_offset_bytes);
  store_le(header + k_at_body_checksum, xxh3(std::as_bytes(std::span(block_sums_))));
  store_le(header + k_at_header_checksum, preamble_checksum(preamble_));
  file_.write_at(preamble_, 0);
  file_.publish();
}

void IndexWriter::put(std::span<const std::byte> bytes) {
  if (pending_.size() + bytes.size() > k_pending_limit_bytes) flush();
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
}

void IndexWriter::hash_blocks(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const size_t part_bytes = std::min<size_t>(bytes.size(), k_block_bytes - block_fill_bytes_);
    block_hash_.update(bytes.first(part_bytes));
    block_fill_bytes_ += part_bytes;
    bytes = bytes.subspan(part_bytes);
    if (block_fill_bytes_ < k_block_bytes) continue;
    block_sums_.push_back(block_hash_.digest());
    block_hash_ = Xxh3Stream();
    block_fill_bytes_ = 0;
  }
}

void IndexWriter::flush() {
  hash_blocks(pending_);
  file_.append(pending_);
  pending_.clear();
}

}  // namespace headrace::formats

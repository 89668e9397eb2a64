// Offsets are those of the data and multiples of 512; DALI seeks back one block for the header.
#include "headrace/formats/dali_index.h"

#include <fcntl.h>

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/formats/sample_key.h"
#include "headrace/formats/tar_samples.h"
#include "headrace/formats/tfrecord.h"

namespace headrace::formats {
namespace {

[[noreturn]] void fail(const std::string& path, uint64_t offset_bytes, std::string cause) {
  throw Error({.code = Code::corrupt,
               .action = "cannot make DALI's index of",
               .object = path,
               .offset_bytes = offset_bytes,
               .cause = std::move(cause)});
}

bool is_plain(std::string_view name) {
  return std::ranges::all_of(name, [](char letter) { return letter > ' ' && letter < 0x7f; });
}

}  // namespace

std::string dali_index_of(Files& files, const std::string& shard_path) {
  const auto fd = files.open(shard_path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open shard", shard_path);
  const auto stat = files.stat(fd->get());
  if (!stat) throw_errno(stat.error(), "cannot read the size of", shard_path);
  TarScanner scanner(file_source(files, fd->get(), stat->size_bytes));
  std::string lines, last_key;
  uint64_t sample_count = 0;
  while (true) {
    const auto member = scanner.next();
    if (!member) fail(shard_path, member.error().offset_bytes, member.error().what);
    if (!*member) break;
    const auto name = split_name((*member)->name);
    if (!(*member)->is_regular || !name) continue;
    if (!is_plain((*member)->name)) {
      fail(shard_path, (*member)->header_offset_bytes,
           shown_name((*member)->name) + " has white space or bytes over 127");
    }
    const bool same_sample = sample_count > 0 && name->key == last_key;
    if (!same_sample) ++sample_count;
    if (!lines.empty()) lines += same_sample ? ' ' : '\n';
    lines += fmt::format("{} {} {} {}", name->field, (*member)->data_offset_bytes,
                         (*member)->size_bytes, (*member)->name);
    last_key = name->key;
  }
  return fmt::format("v1.2 {}\n{}\n", sample_count, lines);
}

std::string dali_index_path(const std::string& shard_path) {
  const size_t dot = shard_path.rfind('.');
  const bool has_suffix =
      dot != std::string::npos && shard_path.find('/', dot) == std::string::npos;
  return shard_path.substr(0, has_suffix ? dot : shard_path.size()) + ".idx";
}

std::string dali_tfrecord_index_of(Files& files, const std::string& path) {
  const auto fd = files.open(path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open shard", path);
  const auto stat = files.stat(fd->get());
  if (!stat) throw_errno(stat.error(), "cannot read the size of", path);
  TfRecordSamples records(file_source(files, fd->get(), stat->size_bytes), {});
  std::string lines;
  while (true) {
    const auto record = records.next();
    if (!record) fail(path, record.error().offset_bytes, record.error().what);
    if (!*record) return lines;
    const uint64_t offset_bytes = (*record)->record_offset_bytes;
    lines += fmt::format("{} {}\n", offset_bytes, records.next_offset_bytes() - offset_bytes);
  }
}

void write_dali_index(Files& files, const std::string& shard_path, const ShardFormat& format) {
  const bool is_tar = &format == &k_tar_format;
  if (!is_tar && &format != &k_tfrecord_format) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot write DALI's index of",
                 .object = shard_path,
                 .cause = "DALI has none for " + format.name,
                 .hint = "leave out --dali-index"});
  }
  const std::string text =
      is_tar ? dali_index_of(files, shard_path) : dali_tfrecord_index_of(files, shard_path);
  AtomicFile file(files, dali_index_path(shard_path));
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

}  // namespace headrace::formats

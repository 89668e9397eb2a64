// Offsets are those of the data and multiples of 512; DALI seeks back one block for the header.
#include "headrace/formats/dali_index.h"

#include <fcntl.h>

#include <algorithm>

#include "headrace/base/error.h"
#include "headrace/formats/sample_key.h"
#include "headrace/formats/tar.h"

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
  const bool is_tar = shard_path.ends_with(".tar");
  return shard_path.substr(0, shard_path.size() - (is_tar ? 4 : 0)) + ".idx";
}

void write_dali_index(Files& files, const std::string& shard_path) {
  const std::string text = dali_index_of(files, shard_path);
  AtomicFile file(files, dali_index_path(shard_path));
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

}  // namespace headrace::formats

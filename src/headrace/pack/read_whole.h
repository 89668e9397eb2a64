// Reading a known range of a file, all of it or an Error that says what is missing.
// Thread safety: any thread.
#pragma once

#include <fcntl.h>

#include <string>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/base/files.h"

namespace headrace::pack {

inline constexpr uint64_t k_field_limit_bytes = uint64_t{1} << 30;  // of one field of one sample

struct FileRange {
  const std::string& path;
  uint64_t offset_bytes;
  uint64_t length_bytes;
};

inline std::vector<std::byte> read_range(Files& files, const FileRange& range) {
  if (range.length_bytes > k_field_limit_bytes) {
    throw Error({.code = Code::unsupported,
                 .action = "cannot read",
                 .object = range.path,
                 .offset_bytes = range.offset_bytes,
                 .cause = fmt::format("a field of {} bytes is over the limit of {}",
                                      range.length_bytes, k_field_limit_bytes)});
  }
  const auto fd = files.open(range.path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open", range.path);
  std::vector<std::byte> bytes(range.length_bytes);
  const auto moved = files.read_at(fd->get(), bytes, range.offset_bytes);
  if (!moved) throw_errno(moved.error(), "cannot read", range.path, range.offset_bytes);
  if (*moved == bytes.size()) return bytes;
  throw Error({.code = Code::io,
               .action = "cannot read",
               .object = range.path,
               .offset_bytes = range.offset_bytes + *moved,
               .cause = "the file ends before the sample does"});
}

}  // namespace headrace::pack

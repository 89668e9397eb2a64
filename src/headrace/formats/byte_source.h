// Where a parser's bytes come from: a file, or memory in tests and fuzz targets.
// Thread safety: as safe as the thing it borrows; a source must outlive nothing, it copies its
// handle only.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <span>
#include <string>

#include "headrace/base/files.h"

namespace headrace::formats {

struct ByteSource {
  // Bytes moved, fewer than asked only at the end.
  std::function<OrErrno<size_t>(std::span<std::byte>, uint64_t offset_bytes)> read_at;
  uint64_t size_bytes = 0;
  // Of a file, for formats that say in another one beside it what its bytes mean; else null and "".
  Files* files = nullptr;
  std::string path = {};
};

inline ByteSource file_source(Files& files, int fd, uint64_t size_bytes, std::string path = {}) {
  return {.read_at = [&files, fd](
                         std::span<std::byte> target,
                         uint64_t offset_bytes) { return files.read_at(fd, target, offset_bytes); },
          .size_bytes = size_bytes,
          .files = &files,
          .path = std::move(path)};
}

inline ByteSource memory_source(std::span<const std::byte> bytes) {
  return {
      .read_at = [bytes](std::span<std::byte> target, uint64_t offset_bytes) -> OrErrno<size_t> {
        if (offset_bytes >= bytes.size()) return size_t{0};
        const size_t count = std::min<size_t>(target.size(), bytes.size() - offset_bytes);
        std::memcpy(target.data(), bytes.data() + offset_bytes, count);
        return count;
      },
      .size_bytes = bytes.size()};
}

}  // namespace headrace::formats

// Looks at a file's bytes through one window of memory that moves along: small steps cost no read
// each. Thread safety: one owner. Invariants: 1. nothing outside the file is asked for; 2. memory
// is the larger of a window and the largest piece asked for.
#pragma once

#include <expected>
#include <span>
#include <vector>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

class ByteWindow {
 public:
  explicit ByteWindow(ByteSource source, uint64_t window_bytes = uint64_t{1} << 20)
      : source_(std::move(source)), window_bytes_(window_bytes) {}
  // Valid until the next call. Bytes beyond the file's end are a failure.
  std::expected<std::span<const std::byte>, ScanFailure> at(uint64_t offset_bytes,
                                                            uint64_t size_bytes);
  uint64_t size_bytes() const { return source_.size_bytes; }
  const ByteSource& source() const { return source_; }

 private:
  ByteSource source_;
  uint64_t window_bytes_;
  std::vector<std::byte> bytes_;
  uint64_t begin_bytes_ = 0;
  size_t filled_bytes_ = 0;
};

}  // namespace headrace::formats

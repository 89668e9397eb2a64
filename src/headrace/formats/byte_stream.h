// A file's bytes front to back, decompressed where it begins as gzip, Zstandard or LZ4 does.
// Thread safety: one owner. Memory: a piece, and what the codec keeps (codec/stream.h).
#pragma once

#include <memory>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // How many bytes it put into `target`: none at the end, else some. Not asked after a failure.
  virtual std::expected<size_t, ScanFailure> read(std::span<std::byte> target) = 0;
  virtual uint64_t at_bytes() const = 0;  // how far into the file as it lies
};

std::unique_ptr<ByteStream> open_stream(ByteSource source);

}  // namespace headrace::formats

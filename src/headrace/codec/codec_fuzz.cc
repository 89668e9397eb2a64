// Every decoder on any bytes: whole, with the size that they announce, and piece by piece.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "headrace/codec/codec.h"
#include "headrace/codec/stream.h"

using namespace headrace::codec;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  for (const Kind kind : {Kind::zstd, Kind::lz4, Kind::gzip, Kind::snappy, Kind::snappy_block}) {
    (void)decompressed(kind, bytes, 1 << 20);
  }
  std::array<std::byte, 4096> target;
  (void)Decompressor().run(Kind::lz4_block, bytes, target);
  const Kind kind = kind_of(bytes);
  if (kind == Kind::none) return 0;
  const auto stream = Stream::make(kind);
  auto left = bytes;
  for (size_t made = 0; !left.empty() && made < (1 << 20);) {
    const auto step = stream->step(left.first(std::min<size_t>(left.size(), 7)), target);
    if (!step || step->taken_bytes + step->made_bytes == 0) break;
    left = left.subspan(step->taken_bytes);
    made += step->made_bytes;
  }
  return 0;
}

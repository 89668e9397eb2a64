// Any bytes as a Snappy frame: blocks lie inside it, add up, and unpack within their room. And any
// bytes packed: they come back.
#include <algorithm>

#include "headrace/codec/packed_blocks_fuzz.h"
#include "headrace/codec/snappy_frame.h"

namespace {

namespace codec = headrace::codec;
using Bytes = std::span<const std::byte>;

void read_as_frame(Bytes frame) {
  const auto announced = codec::announced_bytes(codec::Kind::snappy, frame);
  if (!announced || *announced > 1 << 20) return;
  std::vector<codec::PackedBlock> blocks;
  HR_CHECK(codec::snappy_frame_blocks(frame, *announced, blocks), "{}", *announced);
  codec::check_blocks(frame, *announced, blocks, codec::Kind::snappy_block);
  (void)codec::decompressed(codec::Kind::snappy, frame, 1 << 20);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(reinterpret_cast<const std::byte*>(data), size);
  read_as_frame(bytes);
  const auto packed = codec::snappy_frame(bytes);
  const auto plain = codec::decompressed(codec::Kind::snappy, packed, size);
  HR_CHECK(plain && std::ranges::equal(*plain, bytes), "{} bytes", size);
  return 0;
}

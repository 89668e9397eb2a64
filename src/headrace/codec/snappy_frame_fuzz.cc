// Any bytes as a Snappy frame: blocks lie inside it, add up, and unpack within their room. And any
// bytes packed: they come back.
#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/codec/codec.h"
#include "headrace/codec/snappy_frame.h"

namespace {

namespace codec = headrace::codec;
using Bytes = std::span<const std::byte>;

void read_as_frame(Bytes frame) {
  const auto announced = codec::announced_bytes(codec::Kind::snappy, frame);
  if (!announced || *announced > 1 << 20) return;
  std::vector<codec::PackedBlock> blocks;
  HR_CHECK(codec::snappy_frame_blocks(frame, *announced, blocks), "{}", *announced);
  size_t total = 0;
  codec::Decompressor decompressor;
  for (const codec::PackedBlock& block : blocks) {
    HR_CHECK(block.bytes.data() >= frame.data() &&
             block.bytes.data() + block.bytes.size() <= frame.data() + frame.size());
    std::vector<std::byte> room(block.size_bytes);
    static_cast<void>(decompressor.run(block.stored ? codec::Kind::none : codec::Kind::snappy_block,
                                       block.bytes, room));
    total += block.size_bytes;
  }
  HR_CHECK(total == *announced, "{} of {}", total, *announced);
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

// Any bytes as an LZ4 frame: blocks lie inside it, add up, and unpack within their room.
#include "headrace/base/check.h"
#include "headrace/codec/codec.h"
#include "headrace/codec/lz4_blocks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace codec = headrace::codec;
  const std::span frame(reinterpret_cast<const std::byte*>(data), size);
  const auto announced = codec::announced_bytes(codec::Kind::lz4, frame);
  if (!announced || *announced > 1 << 20) return 0;
  std::vector<codec::PackedBlock> blocks;
  if (!codec::lz4_blocks(frame, *announced, blocks)) return 0;
  size_t total = 0;
  codec::Decompressor decompressor;
  for (const codec::PackedBlock& block : blocks) {
    HR_CHECK(block.bytes.data() >= frame.data() &&
             block.bytes.data() + block.bytes.size() <= frame.data() + frame.size());
    std::vector<std::byte> room(block.size_bytes);
    static_cast<void>(decompressor.run(block.stored ? codec::Kind::none : codec::Kind::lz4_block,
                                       block.bytes, room));
    total += block.size_bytes;
  }
  HR_CHECK(total == *announced, "{} of {}", total, *announced);
  return 0;
}

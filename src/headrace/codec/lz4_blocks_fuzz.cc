// Any bytes as an LZ4 frame: blocks lie inside it, add up, and unpack within their room.
#include "headrace/codec/lz4_blocks.h"
#include "headrace/codec/packed_blocks_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace codec = headrace::codec;
  const std::span frame(reinterpret_cast<const std::byte*>(data), size);
  const auto announced = codec::announced_bytes(codec::Kind::lz4, frame);
  if (!announced || *announced > 1 << 20) return 0;
  std::vector<codec::PackedBlock> blocks;
  if (!codec::lz4_blocks(frame, *announced, blocks)) return 0;
  codec::check_blocks(frame, *announced, blocks, codec::Kind::lz4_block);
  return 0;
}

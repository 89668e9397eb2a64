// What holds of the blocks of any frame: they lie inside it, add up to what it announced, and
// unpack within their room, whether to something or to an error.
#pragma once

#include "headrace/base/check.h"
#include "headrace/codec/codec.h"
#include "headrace/codec/lz4_blocks.h"

namespace headrace::codec {

inline void check_blocks(std::span<const std::byte> frame, uint64_t announced_bytes,
                         std::span<const PackedBlock> blocks, Kind block_kind) {
  size_t total = 0;
  Decompressor decompressor;
  for (const PackedBlock& block : blocks) {
    HR_CHECK(block.bytes.data() >= frame.data() &&
             block.bytes.data() + block.bytes.size() <= frame.data() + frame.size());
    std::vector<std::byte> room(block.size_bytes);
    static_cast<void>(decompressor.run(block.stored ? Kind::none : block_kind, block.bytes, room));
    total += block.size_bytes;
  }
  HR_CHECK(total == announced_bytes, "{} of {}", total, announced_bytes);
}

}  // namespace headrace::codec

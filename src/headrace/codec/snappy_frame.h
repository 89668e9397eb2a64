// Snappy's framing format: blocks of at most 64 KiB, each with a CRC-32C of what it holds.
// https://github.com/google/snappy/blob/main/framing_format.txt
// Thread safety: pure functions. Invariants: 1. nothing is written outside the target; 2. each
// block lies inside the frame, and they add up to the size that is asked for; 3. one stream, not
// several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "headrace/codec/lz4_blocks.h"

namespace headrace::codec {

std::optional<uint64_t> snappy_frame_bytes(std::span<const std::byte> frame);
std::expected<void, const char*> snappy_frame_decompress(std::span<const std::byte> frame,
                                                         std::span<std::byte> target);
// Appends to `blocks`, which is emptied first: raw ones. The error says why they cannot be had.
std::expected<void, const char*> snappy_frame_blocks(std::span<const std::byte> frame,
                                                     size_t size_bytes,
                                                     std::vector<PackedBlock>& blocks);
std::vector<std::byte> snappy_frame(std::span<const std::byte> bytes);

}  // namespace headrace::codec

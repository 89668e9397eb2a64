// An LZ4 frame's blocks, for who unpacks them itself. Thread safety: pure. Invariants: 1. each
// block lies inside the frame, and they add up to the size that the frame announces; 2. only frames
// whose blocks stand alone, or that have a single one, and only one frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

namespace headrace::codec {

struct PackedBlock {
  std::span<const std::byte> bytes;
  size_t size_bytes = 0;  // unpacked
  bool stored = false;    // as it is
};

// Appends to `blocks`, which is emptied first. The error says why they cannot be had.
std::expected<void, const char*> lz4_blocks(std::span<const std::byte> frame, size_t size_bytes,
                                            std::vector<PackedBlock>& blocks);

}  // namespace headrace::codec

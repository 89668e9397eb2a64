// Integers of formats that store them little-endian, as the index keeps them: 64 bits.
// Thread safety: pure.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace headrace::formats {

// Of 1 to 8 bytes; a negative number keeps its value.
inline uint64_t widened(std::span<const std::byte> bytes, bool is_signed) {
  uint64_t value = 0;
  std::memcpy(&value, bytes.data(), bytes.size());
  const unsigned unused_bits = 64 - 8 * static_cast<unsigned>(bytes.size());
  if (!is_signed || unused_bits == 0) return value;
  return static_cast<uint64_t>(static_cast<int64_t>(value << unused_bits) >> unused_bits);
}

}  // namespace headrace::formats

// Little- and big-endian integers at unaligned places. The caller has checked that the bytes are
// there.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace headrace {

static_assert(std::endian::native == std::endian::little, "formats are read in place");

template <std::integral T>
T load_le(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}
template <std::integral T>
void store_le(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

}  // namespace headrace

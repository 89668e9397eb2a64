// One 512-byte tar header, read strictly and written reproducibly.
// Thread safety: pure functions. Invariants: 1. size_bytes < 2^63; 2. a header that is written
// reads back equal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace headrace::formats {

inline constexpr size_t k_tar_block_bytes = 512;
inline constexpr size_t k_tar_short_name_bytes =
    100;  // longer names take a GNU 'L' member before them
using TarBlock = std::array<std::byte, k_tar_block_bytes>;

struct TarHeader {
  std::string name;  // with the ustar prefix
  uint64_t size_bytes = 0;
  char type = '0';
};

// The error says which field is wrong.
std::expected<TarHeader, const char*> parse_tar_header(
    std::span<const std::byte, k_tar_block_bytes> block);

// USTAR, mode 0444, owner 0 "headrace", mtime 0; sizes of 8 GiB and more in base 256. Cuts the name
// at 100 bytes.
TarBlock make_tar_header(std::string_view name, uint64_t size_bytes, char type);

bool is_zero_block(std::span<const std::byte, k_tar_block_bytes> block);
// Rounded up to whole blocks; size_bytes < 2^63.
constexpr uint64_t padded_to_blocks(uint64_t size_bytes) {
  return (size_bytes + k_tar_block_bytes - 1) / k_tar_block_bytes * k_tar_block_bytes;
}

}  // namespace headrace::formats

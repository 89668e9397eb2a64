// CRC-32C (Castagnoli), the checksum of TFRecord files: by the processor's instruction where it has
// one (SSE 4.2), else by a table. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace {

uint32_t crc32c(std::span<const std::byte> bytes);
// The same without the instruction.
uint32_t crc32c_by_table(std::span<const std::byte> bytes);
// The older polynomial (zlib's), by a table; pages of Parquet have it.
uint32_t crc32(std::span<const std::byte> bytes);
// As TFRecord stores it: the checksum of bytes that hold checksums themselves is a weak one.
constexpr uint32_t masked_crc32c(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

}  // namespace headrace

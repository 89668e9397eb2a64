// What a zip archive is made of besides its headers: raw DEFLATE and CRC-32.
// Thread safety: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace::codec {

// `before` is that of the bytes before these; 0 at the start.
uint32_t zip_crc32(uint32_t before, std::span<const std::byte> bytes);
// False: damaged, cut short, or not of the target's size.
bool inflate(std::span<const std::byte> packed, std::span<std::byte> target);
// No DEFLATE stream of so many bytes holds more than this.
uint64_t inflated_bytes_max(uint64_t packed_bytes);

}  // namespace headrace::codec

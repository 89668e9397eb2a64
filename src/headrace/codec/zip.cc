// libdeflate's.
#include "headrace/codec/zip.h"

#include <libdeflate.h>

#include <limits>
#include <memory>

namespace headrace::codec {

uint32_t zip_crc32(uint32_t before, std::span<const std::byte> bytes) {
  return libdeflate_crc32(before, bytes.data(), bytes.size());
}

bool inflate(std::span<const std::byte> packed, std::span<std::byte> target) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> context(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  size_t taken_bytes = 0;
  const auto result =
      libdeflate_deflate_decompress_ex(context.get(), packed.data(), packed.size(), target.data(),
                                       target.size(), &taken_bytes, nullptr);
  return result == LIBDEFLATE_SUCCESS && taken_bytes == packed.size();
}

uint64_t inflated_bytes_max(uint64_t packed_bytes) {
  constexpr uint64_t k_most_ratio = 1033;  // 258 bytes from 2 bits, and the rest of a block
  if (packed_bytes > std::numeric_limits<uint64_t>::max() / k_most_ratio - 1) return UINT64_MAX;
  return (packed_bytes + 1) * k_most_ratio;
}

}  // namespace headrace::codec

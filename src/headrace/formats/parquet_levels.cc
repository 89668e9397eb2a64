// A head says what follows: its lowest bit 0 is a run, 1 groups of eight packed numbers.
#include "headrace/formats/parquet_levels.h"

#include <algorithm>
#include <cstring>

namespace headrace::formats {

std::optional<std::vector<uint32_t>> decode_parquet_levels(std::span<const std::byte> bytes,
                                                           unsigned bit_width, uint64_t count) {
  std::vector<uint32_t> numbers;
  const size_t run_bytes = (bit_width + 7) / 8;
  size_t at = 0;
  while (numbers.size() < count) {
    uint64_t head = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (at == bytes.size() || shift > 28) return std::nullopt;
      const auto byte = static_cast<unsigned>(bytes[at++]);
      head |= uint64_t{byte & 0x7f} << shift;
      if (byte < 0x80) break;
    }
    const uint64_t wanted = count - numbers.size();
    if ((head & 1) == 0) {  // one number, many times
      if (run_bytes > bytes.size() - at || head >> 1 == 0) return std::nullopt;
      uint32_t value = 0;
      std::memcpy(&value, bytes.data() + at, run_bytes);
      at += run_bytes;
      numbers.insert(numbers.end(), std::min(head >> 1, wanted), value);
      continue;
    }
    const uint64_t packed_bytes = (head >> 1) * bit_width;  // groups of eight
    if (packed_bytes > bytes.size() - at || head >> 1 == 0) return std::nullopt;
    for (uint64_t i = 0; i < std::min((head >> 1) * 8, wanted); ++i) {
      uint32_t value = 0;
      for (unsigned bit = 0; bit < bit_width; ++bit) {
        const uint64_t place = i * bit_width + bit;
        const auto byte = static_cast<unsigned>(bytes[at + place / 8]);
        value |= (byte >> (place % 8) & 1) << bit;
      }
      numbers.push_back(value);
    }
    at += packed_bytes;
  }
  return numbers;
}

}  // namespace headrace::formats

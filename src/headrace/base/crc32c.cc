// Three runs at once keep the instruction busy, which takes three cycles and starts each cycle;
// their sums are put together by shifting the first two over what follows them.
#include "headrace/base/crc32c.h"

#include <array>
#include <cstring>

#include "headrace/base/endian.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace headrace {
namespace {

constexpr std::array<uint32_t, 256> make_table(uint32_t reflected_polynomial) {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1) ^ ((crc & 1) != 0 ? reflected_polynomial : 0);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> k_table = make_table(0x82f63b78);

// Eight bytes at once: [k] is what a byte becomes behind k bytes of zeros.
constexpr auto k_zlib_tables = [] {
  std::array<std::array<uint32_t, 256>, 8> tables{make_table(0xedb88320)};
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t i = 0; i < 256; ++i) {
      tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xff];
    }
  }
  return tables;
}();

constexpr uint32_t step(uint32_t crc, uint8_t byte) {
  return (crc >> 8) ^ k_table[(crc ^ byte) & 0xff];
}

#if defined(__x86_64__)
constexpr size_t k_run_bytes = 1024;  // of each of the three

// What a sum becomes behind a run of zeros, by each byte of the sum.
using Shift = std::array<std::array<uint32_t, 256>, 4>;
constexpr Shift make_shift() {
  Shift shift{};
  std::array<uint32_t, 32> image{};  // of each bit
  for (uint32_t bit = 0; bit < 32; ++bit) {
    uint32_t crc = uint32_t{1} << bit;
    for (size_t i = 0; i < k_run_bytes; ++i) crc = step(crc, 0);
    image[bit] = crc;
  }
  for (uint32_t place = 0; place < 4; ++place) {
    for (uint32_t value = 0; value < 256; ++value) {
      uint32_t sum = 0;
      for (uint32_t bit = 0; bit < 8; ++bit) sum ^= ((value >> bit) & 1) * image[8 * place + bit];
      shift[place][value] = sum;
    }
  }
  return shift;
}

uint32_t shifted(uint32_t crc) {
  static constexpr Shift k_shift = make_shift();
  return k_shift[0][crc & 0xff] ^ k_shift[1][(crc >> 8) & 0xff] ^ k_shift[2][(crc >> 16) & 0xff] ^
         k_shift[3][crc >> 24];
}

uint64_t word_at(const std::byte* from) {
  uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

__attribute__((target("sse4.2"))) uint32_t by_instruction(std::span<const std::byte> bytes) {
  uint64_t crc = 0xffffffff;
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  for (; left >= 3 * k_run_bytes; left -= 3 * k_run_bytes, at += 3 * k_run_bytes) {
    uint64_t second = 0, third = 0;
    for (size_t i = 0; i < k_run_bytes; i += 8) {
      crc = _mm_crc32_u64(crc, word_at(at + i));
      second = _mm_crc32_u64(second, word_at(at + k_run_bytes + i));
      third = _mm_crc32_u64(third, word_at(at + 2 * k_run_bytes + i));
    }
    crc = shifted(static_cast<uint32_t>(crc)) ^ second;
    crc = shifted(static_cast<uint32_t>(crc)) ^ third;
  }
  for (; left >= 8; left -= 8, at += 8) crc = _mm_crc32_u64(crc, word_at(at));
  auto rest = static_cast<uint32_t>(crc);
  for (; left > 0; --left, ++at) rest = _mm_crc32_u8(rest, static_cast<uint8_t>(*at));
  return ~rest;
}
#endif

}  // namespace

uint32_t crc32c_by_table(std::span<const std::byte> bytes) {
  uint32_t crc = 0xffffffff;
  for (const std::byte byte : bytes) crc = step(crc, static_cast<uint8_t>(byte));
  return ~crc;
}

uint32_t crc32(std::span<const std::byte> bytes) {
  uint32_t crc = 0xffffffff;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    const uint64_t word = load_le<uint64_t>(bytes.data()) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= k_zlib_tables[7 - i][(word >> (8 * i)) & 0xff];
  }
  for (const std::byte byte : bytes) {
    crc = (crc >> 8) ^ k_zlib_tables[0][(crc ^ static_cast<uint8_t>(byte)) & 0xff];
  }
  return ~crc;
}

uint32_t crc32c(std::span<const std::byte> bytes) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return by_instruction(bytes);
#endif
  return crc32c_by_table(bytes);
}

}  // namespace headrace

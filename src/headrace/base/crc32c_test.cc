// Known sums (RFC 3720, B.4), and the instruction against the table at every length and place.
#include "headrace/base/crc32c.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "headrace/base/temp_folder.h"

namespace headrace {
namespace {

TEST(Crc32c, gives_the_published_sums) {
  EXPECT_EQ(crc32c(bytes_of("")), 0U);
  EXPECT_EQ(crc32c(bytes_of("123456789")), 0xe3069283U);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32)), 0x8a9136aaU);
  EXPECT_EQ(crc32c(std::vector<std::byte>(32, std::byte{0xff})), 0x62a8ab43U);
}

TEST(Crc32c, the_instruction_and_the_table_agree_at_every_length_and_alignment) {
  std::vector<std::byte> bytes(3 * 3 * 1024 + 64);
  uint32_t state = 1;
  for (std::byte& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<std::byte>(state >> 24);
  }
  for (size_t from = 0; from < 9; ++from) {
    for (size_t size = 0; size + from <= bytes.size(); size += size < 80 ? 1 : 997) {
      const auto part = std::span(bytes).subspan(from, size);
      ASSERT_EQ(crc32c(part), crc32c_by_table(part)) << from << " " << size;
    }
    const auto rest = std::span(bytes).subspan(from);
    ASSERT_EQ(crc32c(rest), crc32c_by_table(rest));
  }
}

TEST(Crc32c, the_older_polynomial_gives_zlibs_sum) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926U);
  std::vector<std::byte> bytes;
  uint32_t bit_by_bit = 0xffffffff;
  for (uint32_t i = 0; i < 300; ++i) {
    EXPECT_EQ(crc32(bytes), ~bit_by_bit) << i;
    bytes.push_back(static_cast<std::byte>(i * i * 7 + 3));
    bit_by_bit ^= static_cast<uint8_t>(bytes.back());
    for (int bit = 0; bit < 8; ++bit)
      bit_by_bit = (bit_by_bit >> 1) ^ (bit_by_bit & 1) * 0xedb88320U;
  }
}

TEST(Crc32c, masks_as_tfrecord_does) { EXPECT_EQ(masked_crc32c(0xe3069283U), 0xc78ab0e5U); }

}  // namespace
}  // namespace headrace

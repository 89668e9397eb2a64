// Headers round-trip, and wrong ones are told from right ones.
#include "headrace/formats/tar_header.h"

#include <gtest/gtest.h>

#include <cstring>

namespace headrace::formats {
namespace {

void put(TarBlock& block, size_t offset, std::string_view text) {
  std::memcpy(block.data() + offset, text.data(), text.size());
}
void seal(TarBlock& block) {
  put(block, 148, "        ");
  unsigned sum = 0;
  for (const std::byte byte : block) sum += std::to_integer<unsigned>(byte);
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", sum);
  put(block, 148, {digits, 7});
}

TEST(TarHeader, reads_back_what_it_wrote_for_small_and_huge_sizes) {
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{511}, (uint64_t{1} << 33) - 1,
                              uint64_t{1} << 33, uint64_t{1} << 40, uint64_t{INT64_MAX}}) {
    const auto header = parse_tar_header(make_tar_header("a/b.jpg", size, '0'));
    ASSERT_TRUE(header) << size << header.error();
    EXPECT_EQ(header->name, "a/b.jpg");
    EXPECT_EQ(header->size_bytes, size);
    EXPECT_EQ(header->type, '0');
  }
}

TEST(TarHeader, any_flipped_bit_breaks_the_checksum_or_nothing_that_matters) {
  const TarBlock good = make_tar_header("a.jpg", 1234, '0');
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    TarBlock bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1 << (bit % 8));
    const auto header = parse_tar_header(bad);
    if (header) {
      EXPECT_EQ(header->name, "a.jpg") << bit;
      EXPECT_EQ(header->size_bytes, 1234U) << bit;
    }
  }
}

TEST(TarHeader, takes_the_ustar_prefix_but_not_gnu_bytes_at_its_place) {
  TarBlock block = make_tar_header("name.jpg", 1, '0');
  put(block, 345, "folder/deep");
  seal(block);
  EXPECT_EQ(parse_tar_header(block)->name, "folder/deep/name.jpg");
  put(block, 257, std::string_view("ustar  \0", 8));
  seal(block);
  EXPECT_EQ(parse_tar_header(block)->name, "name.jpg");
}

TEST(TarHeader, a_name_of_exactly_100_bytes_needs_no_closing_nul) {
  const std::string name(100, 'n');
  EXPECT_EQ(parse_tar_header(make_tar_header(name, 1, '0'))->name, name);
}

TEST(TarHeader, accepts_signed_checksums_of_old_writers) {
  TarBlock block = make_tar_header("\xc3\xa9.jpg", 1, '0');
  put(block, 148, "        ");
  int sum = 0;
  for (const std::byte byte : block) sum += static_cast<int8_t>(std::to_integer<uint8_t>(byte));
  char digits[8];
  std::snprintf(digits, sizeof digits, "%06o", static_cast<unsigned>(sum));
  put(block, 148, {digits, 7});
  EXPECT_TRUE(parse_tar_header(block));
}

TEST(TarHeader, refuses_negative_overlong_and_non_octal_sizes) {
  TarBlock negative = make_tar_header("a.jpg", 1, '0');
  put(negative, 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
  seal(negative);
  EXPECT_FALSE(parse_tar_header(negative));
  TarBlock overlong = make_tar_header("a.jpg", 1, '0');
  put(overlong, 124, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
  seal(overlong);
  EXPECT_FALSE(parse_tar_header(overlong));
  TarBlock decimal = make_tar_header("a.jpg", 1, '0');
  put(decimal, 124, "00000000089");
  seal(decimal);
  EXPECT_FALSE(parse_tar_header(decimal));
}

TEST(TarHeader, space_padded_numbers_are_read) {
  TarBlock block = make_tar_header("a.jpg", 1, '0');
  put(block, 124, "       1750 ");
  seal(block);
  EXPECT_EQ(parse_tar_header(block)->size_bytes, 01750U);
}

TEST(TarHeader, one_byte_makes_a_zero_block_something_else) {
  TarBlock block{};
  EXPECT_TRUE(is_zero_block(block));
  block[511] = std::byte{1};
  EXPECT_FALSE(is_zero_block(block));
}

}  // namespace
}  // namespace headrace::formats

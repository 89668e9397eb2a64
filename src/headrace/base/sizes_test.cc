// Sizes, durations and counts read and print as people write them.
#include "headrace/base/sizes.h"

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(ParseSize, reads_binary_units) {
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("64K"), 65536u);
  EXPECT_EQ(parse_size("1.5MiB"), 1572864u);
  EXPECT_EQ(parse_size("10G"), 10737418240u);
}

TEST(ParseSize, refuses_what_is_no_size) {
  for (const char* text : {"", "K", "-1", "12Q", "1Kx", "nan", "inf", "99999999T"}) {
    EXPECT_FALSE(parse_size(text).has_value()) << text;
  }
}

TEST(FormatSize, keeps_three_digits) {
  EXPECT_EQ(format_size(512), "512 B");
  EXPECT_EQ(format_size(95334), "93.1 KiB");
  EXPECT_EQ(format_size(uint64_t{1} << 31), "2.00 GiB");
}

TEST(FormatDuration, chooses_the_unit) {
  EXPECT_EQ(format_duration(850), "850 ns");
  EXPECT_EQ(format_duration(12'300), "12.3 us");
  EXPECT_EQ(format_duration(185'000'000'000), "3 min 05 s");
}

TEST(FormatCount, groups_thousands) {
  EXPECT_EQ(format_count(7), "7");
  EXPECT_EQ(format_count(1234567), "1,234,567");
}

TEST(Counted, has_a_plural_for_all_but_one) {
  EXPECT_EQ(counted(1, "shard"), "1 shard");
  EXPECT_EQ(counted(0, "shard"), "0 shards");
  EXPECT_EQ(counted(1234, "class"), "1,234 classes");
}

}  // namespace
}  // namespace headrace

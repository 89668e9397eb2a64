// Layouts as Lustre writes them, and bytes that are none.
#include "headrace/doctor/lustre_layout.h"

#include <gtest/gtest.h>

#include <string>

namespace headrace::doctor {
namespace {

std::string layout(std::string_view magic, std::string_view size, std::string_view count) {
  return std::string(magic) + std::string("\1\0\0\0", 4) + std::string(16, 'o') +
         std::string(size) + std::string(count) + std::string(2, '\0');
}

TEST(LustreLayout, reads_versions_1_and_3) {
  for (const std::string magic : {"\xD0\x0B\xD1\x0B", "\xD0\x0B\xD3\x0B"}) {
    const auto found = parse_lustre_layout(
        layout(magic, std::string_view("\0\0\x10\0", 4), std::string_view("\x04\0", 2)));
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->composite);
    EXPECT_EQ(found->stripe_bytes, 1u << 20);
    EXPECT_EQ(found->stripe_count, 4u);
  }
}

TEST(LustreLayout, tells_a_composite_one) {
  const auto found = parse_lustre_layout("\xD0\x0B\xD6\x0B" + std::string(60, '\0'));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->composite);
}

TEST(LustreLayout, is_nothing_in_other_bytes) {
  EXPECT_FALSE(parse_lustre_layout(""));
  EXPECT_FALSE(parse_lustre_layout("\xD0\x0B\xD1\x0B"));
  EXPECT_FALSE(parse_lustre_layout(std::string(64, 'x')));
}

}  // namespace
}  // namespace headrace::doctor

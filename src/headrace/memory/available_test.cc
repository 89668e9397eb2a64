// Available memory, on the texts that kernels print and on texts that they do not.
#include "headrace/memory/available.h"

#include <gtest/gtest.h>

namespace headrace::memory {
namespace {

TEST(Available, reads_the_available_line_of_meminfo_in_kibibytes) {
  const auto found = available_in_meminfo(
      "MemTotal:       24684084 kB\nMemFree:  1 kB\nMemAvailable:   23772600 kB\n");
  EXPECT_EQ(found, uint64_t{23772600} * 1024);
}

TEST(Available, finds_nothing_in_a_meminfo_without_the_line_or_the_number) {
  EXPECT_EQ(available_in_meminfo(""), std::nullopt);
  EXPECT_EQ(available_in_meminfo("MemFree: 12 kB"), std::nullopt);
  EXPECT_EQ(available_in_meminfo("MemAvailable:"), std::nullopt);
  EXPECT_EQ(available_in_meminfo("MemAvailable: many kB"), std::nullopt);
  EXPECT_EQ(available_in_meminfo("MemAvailable: 18446744073709551615 kB"), std::nullopt);
}

TEST(Available, is_what_a_control_group_has_left) {
  EXPECT_EQ(free_in_group("1000\n", "400\n"), 600u);
  EXPECT_EQ(free_in_group("1000", "1400"), 0u);
}

TEST(Available, has_no_group_limit_when_it_is_max_or_unreadable) {
  EXPECT_EQ(free_in_group("max\n", "400\n"), std::nullopt);
  EXPECT_EQ(free_in_group("", ""), std::nullopt);
  EXPECT_EQ(free_in_group("1000", ""), std::nullopt);
}

TEST(Available, is_more_than_nothing_on_this_machine) {
  const Available found = available_bytes();
  EXPECT_GT(found.size_bytes, 0u);
  EXPECT_FALSE(found.limited_by.empty());
}

}  // namespace
}  // namespace headrace::memory

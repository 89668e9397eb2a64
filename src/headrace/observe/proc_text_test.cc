// The kernel's text files, and text that is none.
#include "headrace/observe/proc_text.h"

#include <gtest/gtest.h>

namespace headrace::observe {
namespace {

TEST(ProcText, finds_the_line_of_a_key_and_its_number) {
  const std::string text = "MemTotal:       24684084 kB\nMemFree:  12 kB";
  EXPECT_EQ(leading_number(line_after(text, "MemTotal")), 24684084u);
  EXPECT_EQ(leading_number(line_after(text, "MemFree:")), 12u);
}

TEST(ProcText, is_empty_and_zero_for_what_is_absent) {
  EXPECT_EQ(read_proc_text("/proc/self/no-such-file"), "");
  EXPECT_EQ(line_after("a: 1", "b"), "");
  EXPECT_EQ(line_after("a:", "a"), "");
  EXPECT_EQ(line_after("", "a"), "");
  EXPECT_EQ(leading_number("x1"), 0u);
  EXPECT_EQ(leading_number("99999999999999999999999"), 0u);
}

TEST(ProcText, splits_lines_and_words_and_leaves_out_empty_ones) {
  EXPECT_EQ(lines_of("a b\n\nc").size(), 2u);
  EXPECT_EQ(words_of("  a\tbc "), (std::vector<std::string_view>{"a", "bc"}));
  EXPECT_TRUE(words_of("").empty());
}

TEST(ProcText, reads_a_file_whose_size_the_kernel_gives_as_zero) {
  EXPECT_NE(read_proc_text("/proc/self/io").find("rchar"), std::string::npos);
}

}  // namespace
}  // namespace headrace::observe

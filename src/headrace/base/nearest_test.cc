// A mistyped word finds its neighbor; a stranger finds none.
#include "headrace/base/nearest.h"

#include <gtest/gtest.h>

#include <array>

namespace headrace {
namespace {

constexpr std::array<std::string_view, 3> k_words = {"batch", "shuffle", "prefetch"};

TEST(Nearest, finds_the_word_that_was_meant) {
  EXPECT_EQ(nearest("bacth", k_words), "batch");
  EXPECT_EQ(nearest("prefech", k_words), "prefetch");
}

TEST(Nearest, finds_none_for_a_stranger) { EXPECT_EQ(nearest("zebra_crossing", k_words), ""); }

}  // namespace
}  // namespace headrace

// No pair of a piece is denied, and hardly any other is affirmed.
#include "headrace/text/piece_pairs.h"

#include <gtest/gtest.h>

#include <string>

namespace headrace::text {
namespace {

bool may_join(const PiecePairs& pairs, std::string_view left, std::string_view right) {
  return pairs.may_join(PiecePairs::first_of(left), PiecePairs::first_of(right));
}

TEST(PiecePairs, characters_of_a_piece_may_join_in_their_order_and_others_not) {
  PiecePairs pairs;
  pairs.add("ab\u00e9\u2581");
  pairs.add("x");
  EXPECT_TRUE(may_join(pairs, "a", "b"));
  EXPECT_TRUE(may_join(pairs, "b", "\u00e9"));
  EXPECT_TRUE(may_join(pairs, "\u00e9", "\u2581"));
  EXPECT_FALSE(may_join(pairs, "b", "a"));
  EXPECT_FALSE(may_join(pairs, "a", "x"));
  EXPECT_FALSE(may_join(pairs, "a", "\u00e9"));
}

TEST(PiecePairs, a_large_vocabulary_leaves_most_other_pairs_apart) {
  PiecePairs pairs;
  std::string piece;
  for (uint32_t i = 0; i < 30'000; ++i) {
    piece.clear();
    append_utf8(0x4e00 + i % 300, piece);
    append_utf8(0xac00 + i / 300, piece);
    pairs.add(piece);
  }
  int affirmed = 0;
  for (uint32_t i = 0; i < 10'000; ++i) {
    std::string left, right;
    append_utf8(0x4e00 + i % 100, left);
    append_utf8(0x1000 + i / 100, right);
    affirmed += may_join(pairs, left, right);
  }
  EXPECT_LT(affirmed, 400);
}

TEST(PiecePairs, bytes_that_are_no_characters_stay_within_the_piece) {
  PiecePairs pairs;
  pairs.add("a\xe2");
  pairs.add("\xf0");
  EXPECT_TRUE(may_join(pairs, "a", "\xe2"));
  EXPECT_FALSE(may_join(pairs, "a", "\u2581"));
}

}  // namespace
}  // namespace headrace::text

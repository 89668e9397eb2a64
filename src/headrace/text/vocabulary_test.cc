// Look-ups, and vocabularies that cannot be.
#include "headrace/text/vocabulary.h"

#include <gtest/gtest.h>

namespace headrace::text {
namespace {

TEST(Vocabulary, tokens_are_found_both_ways) {
  const auto vocabulary = Vocabulary::make({{"a", 7}, {"bc", 0}, {std::string("\0", 1), 3}});
  ASSERT_TRUE(vocabulary);
  EXPECT_EQ(vocabulary->id_of("bc"), 0u);
  EXPECT_EQ(vocabulary->id_of("b"), std::nullopt);
  EXPECT_EQ(vocabulary->bytes_of(7), "a");
  EXPECT_EQ(vocabulary->bytes_of(5), "");
  EXPECT_EQ(vocabulary->bytes_of(99), "");
  EXPECT_EQ(vocabulary->id_of_byte(0), 3u);
  EXPECT_EQ(vocabulary->id_of_byte('b'), Vocabulary::k_no_id);
  EXPECT_EQ(vocabulary->id_end(), 8u);
}

TEST(Vocabulary, equal_ids_equal_tokens_and_ids_beyond_the_limit_are_refused) {
  EXPECT_EQ(Vocabulary::make({{"a", 1}, {"b", 1}}).error(), "two tokens have the id 1");
  EXPECT_EQ(Vocabulary::make({{"a", 1}, {"a", 2}}).error(), "tokens 1 and 2 are the same bytes");
  EXPECT_FALSE(Vocabulary::make({{"a", Vocabulary::k_id_count_max}}));
}

TEST(Vocabulary, a_pair_that_comes_again_takes_the_later_rank) {
  auto vocabulary = Vocabulary::make({{"a", 0}, {"b", 1}, {"ab", 2}});
  vocabulary->reserve_merges(2);
  ASSERT_TRUE(vocabulary->add_merge("a", "b"));
  EXPECT_EQ(vocabulary->merge_of(0, 1).rank, 0u);
  ASSERT_TRUE(vocabulary->add_merge("a", "b"));
  EXPECT_EQ(vocabulary->merge_of(0, 1).rank, 1u);
  EXPECT_EQ(vocabulary->merge_of(0, 1).id, 2u);
  EXPECT_EQ(vocabulary->merge_of(1, 0).rank, Vocabulary::k_no_id);
}

TEST(Vocabulary, a_merge_of_unknown_tokens_is_refused) {
  auto vocabulary = Vocabulary::make({{"a", 0}, {"b", 1}});
  vocabulary->reserve_merges(1);
  EXPECT_FALSE(vocabulary->add_merge("a", "b"));
}

TEST(Vocabulary, an_empty_one_finds_nothing) {
  const auto vocabulary = Vocabulary::make({});
  EXPECT_EQ(vocabulary->id_of("a"), std::nullopt);
  EXPECT_EQ(vocabulary->merge_of(1, 2).rank, Vocabulary::k_no_id);
  EXPECT_EQ(vocabulary->id_end(), 0u);
}

}  // namespace
}  // namespace headrace::text

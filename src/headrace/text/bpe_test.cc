// The order of merges, and the search against the heap.
#include "headrace/text/bpe.h"

#include <gmock/gmock.h>

#include <random>

namespace headrace::text {
namespace {

using testing::ElementsAre;

// Every byte is its own token; each pair's result is the next id.
Vocabulary made(const std::vector<std::pair<std::string, std::string>>& merges) {
  std::vector<Vocabulary::Token> tokens;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    tokens.push_back({std::string(1, static_cast<char>(byte)), byte});
  }
  std::vector<std::string> results;
  for (const auto& [first, second] : merges) {
    if (std::ranges::find(results, first + second) != results.end()) continue;
    results.push_back(first + second);
    tokens.push_back({results.back(), static_cast<uint32_t>(tokens.size())});
  }
  auto vocabulary = Vocabulary::make(tokens);
  vocabulary->reserve_merges(merges.size());
  for (const auto& [first, second] : merges) EXPECT_TRUE(vocabulary->add_merge(first, second));
  return std::move(*vocabulary);
}

std::vector<uint32_t> merged(const Vocabulary& vocabulary, std::string_view word) {
  BpeScratch scratch;
  std::vector<uint32_t> ids;
  merge_word(vocabulary, word, scratch, ids);
  std::vector<uint32_t> by_heap;
  merge_long_word(vocabulary, word, scratch, by_heap);
  EXPECT_EQ(ids, by_heap) << word;
  return ids;
}

TEST(Bpe, the_merge_that_comes_first_in_the_list_wins) {
  const Vocabulary vocabulary = made({{"b", "c"}, {"a", "b"}, {"a", "bc"}});
  EXPECT_THAT(merged(vocabulary, "abc"), ElementsAre(258));
  EXPECT_THAT(merged(vocabulary, "abd"), ElementsAre(257, 'd'));
}

TEST(Bpe, of_equal_pairs_the_leftmost_is_merged) {
  const Vocabulary vocabulary = made({{"a", "a"}});
  EXPECT_THAT(merged(vocabulary, "aaa"), ElementsAre(256, 'a'));
  EXPECT_THAT(merged(vocabulary, "aaaa"), ElementsAre(256, 256));
}

TEST(Bpe, a_byte_without_a_token_is_left_out) {
  std::vector<Vocabulary::Token> tokens = {{"a", 0}, {"b", 1}, {"ab", 2}};
  auto vocabulary = Vocabulary::make(tokens);
  vocabulary->reserve_merges(1);
  ASSERT_TRUE(vocabulary->add_merge("a", "b"));
  EXPECT_THAT(merged(*vocabulary, "axb"), ElementsAre(2));
  EXPECT_THAT(merged(*vocabulary, "x"), ElementsAre());
}

TEST(Bpe, search_and_heap_agree_on_any_word_and_any_merges) {
  std::mt19937 draws(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> known = {"a", "b", "c"};
    std::vector<std::pair<std::string, std::string>> merges;
    for (int i = 0; i < 30; ++i) {
      const std::string first = known[draws() % known.size()];
      const std::string second = known[draws() % known.size()];
      merges.emplace_back(first, second);
      known.push_back(first + second);
    }
    const Vocabulary vocabulary = made(merges);
    for (int word = 0; word < 50; ++word) {
      std::string text(draws() % 40, 'a');
      for (char& letter : text) letter = static_cast<char>('a' + draws() % 3);
      merged(vocabulary, text);
    }
  }
}

}  // namespace
}  // namespace headrace::text

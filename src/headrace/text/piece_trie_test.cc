// Every string that was put in is found, and no other.
#include "headrace/text/piece_trie.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "headrace/base/hash.h"

namespace headrace::text {
namespace {

TEST(PieceTrie, finds_the_longest_string_that_a_text_begins_with) {
  const PieceTrie trie({{"a", 1}, {"abc", 2}, {"\xff\x00z", 3}, {"b", 4}});
  using Found = std::pair<size_t, uint32_t>;
  EXPECT_EQ(trie.longest("abx"), Found(1, 1));
  EXPECT_EQ(trie.longest("abcd"), Found(3, 2));
  EXPECT_EQ(trie.longest("\xff"), Found(1, 3)) << "what is behind a NUL is no literal's";
  EXPECT_EQ(trie.longest("x"), Found(0, PieceTrie::k_none));
  EXPECT_EQ(trie.longest(""), Found(0, PieceTrie::k_none));
  EXPECT_EQ(PieceTrie().longest("a"), Found(0, PieceTrie::k_none));
}

TEST(PieceTrie, holds_thousands_of_strings_of_any_bytes) {
  std::map<std::string, uint32_t> all;
  for (uint64_t seed = 0; all.size() < 5000; ++seed) {
    std::string text;
    for (uint64_t i = 0, random = mix64(seed); i <= random % 6; ++i) {
      text += static_cast<char>(mix64(random, i) % 251);
    }
    all.emplace(text, static_cast<uint32_t>(all.size()));
  }
  std::vector<PieceTrie::Entry> entries(all.begin(), all.end());
  const PieceTrie trie(entries);
  for (const auto& [text, number] : all) {
    EXPECT_EQ(trie.longest(text), (std::pair<size_t, uint32_t>(text.size(), number)));
    uint32_t node = PieceTrie::root();
    for (const char byte : text + "\xfe") {
      node = trie.step(node, byte);
      if (node == PieceTrie::k_none) break;
    }
    EXPECT_EQ(node, PieceTrie::k_none);
  }
}

}  // namespace
}  // namespace headrace::text

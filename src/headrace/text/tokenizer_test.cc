// Whole texts to ids. Equality with Hugging Face's package on real text and real vocabularies:
// tests/conformance/tokenizers_equal.py.
#include "headrace/text/tokenizer.h"

#include <gmock/gmock.h>

#include "headrace/text/small_tokenizer.h"

namespace headrace::text {
namespace {

using testing::ElementsAre;

std::vector<uint32_t> encode(const nlohmann::json& file, std::string_view text,
                             const EncodeOptions& options = {}) {
  const Tokenizer tokenizer = parse_tokenizer(file.dump(), "tokenizer.json");
  TokenizerScratch scratch;
  const auto ids = tokenizer.encode(text, options, scratch);
  return {ids.begin(), ids.end()};
}

nlohmann::json with_template() {
  nlohmann::json file = small_tokenizer();
  const auto special = [](const char* token) {
    return nlohmann::json{{"SpecialToken", {{"id", token}, {"type_id", 0}}}};
  };
  file["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single",
       {special("<|pad|>"), {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}, special("<|end|>")}},
      {"special_tokens", {{"<|pad|>", {{"ids", {301}}}}, {"<|end|>", {{"ids", {300}}}}}}};
  return file;
}

TEST(Tokenizer, words_are_merged_and_added_tokens_are_found_between_them) {
  EXPECT_THAT(encode(small_tokenizer(), "hello hello<|end|>he!"),
              ElementsAre(259, 260, 300, 256, '!'));
}

TEST(Tokenizer, a_text_without_a_byte_is_no_tokens_but_those_around_it) {
  EXPECT_THAT(encode(small_tokenizer(), ""), ElementsAre());
  EXPECT_THAT(encode(with_template(), ""), ElementsAre(301, 300));
}

TEST(Tokenizer, special_tokens_go_around_a_text_unless_told_otherwise) {
  EXPECT_THAT(encode(with_template(), "he"), ElementsAre(301, 256, 300));
  EXPECT_THAT(encode(with_template(), "he", {.add_special_tokens = false}), ElementsAre(256));
}

TEST(Tokenizer, a_limit_counts_the_tokens_around_the_text) {
  EXPECT_THAT(encode(with_template(), "hello hello he", {.token_count_max = 4}),
              ElementsAre(301, 259, 260, 300));
  EXPECT_THAT(encode(with_template(), "hello", {.token_count_max = 2}), ElementsAre(301, 300));
  EXPECT_THAT(encode(with_template(), "hello", {.token_count_max = 1}), ElementsAre(301));
  EXPECT_THAT(encode(small_tokenizer(), "hello", {.token_count_max = 0}), ElementsAre());
  EXPECT_THAT(encode(small_tokenizer(), "<|end|><|end|>abc", {.token_count_max = 1}),
              ElementsAre(300));
}

TEST(Tokenizer, a_word_ends_within_the_limit) {
  EXPECT_THAT(encode(small_tokenizer(), "abcdef", {.token_count_max = 3}),
              ElementsAre('a', 'b', 'c'));
}

TEST(Tokenizer, what_is_no_utf_8_becomes_the_replacement_character) {
  EXPECT_THAT(encode(small_tokenizer(), "a\xFF"), ElementsAre('a', 0xEF, 0xBF, 0xBD));
}

TEST(Tokenizer, the_prefix_space_stands_before_each_piece_that_has_none) {
  nlohmann::json file = small_tokenizer();
  file["pre_tokenizer"]["add_prefix_space"] = true;
  EXPECT_THAT(encode(file, "hello<|end|>hello hello"), ElementsAre(260, 300, 260, 260));
}

TEST(Tokenizer, a_word_that_is_a_token_needs_no_merges_where_the_file_says_so) {
  nlohmann::json file = small_tokenizer();
  file["model"]["merges"] = nlohmann::json::array();
  EXPECT_THAT(encode(file, "he"), ElementsAre('h', 'e'));
  file["model"]["ignore_merges"] = true;
  EXPECT_THAT(encode(file, "he"), ElementsAre(256));
}

TEST(Tokenizer, text_is_composed_where_the_file_asks_for_it) {
  nlohmann::json file = small_tokenizer();
  EXPECT_THAT(encode(file, "e\xCC\x81"), ElementsAre('e', 0xCC, 0x81));
  file["normalizer"] = {{"type", "NFC"}};
  EXPECT_THAT(encode(file, "e\xCC\x81"), ElementsAre(0xC3, 0xA9));
}

TEST(Tokenizer, the_same_text_gives_the_same_ids_whatever_was_seen_before) {
  const Tokenizer tokenizer = parse_tokenizer(small_tokenizer().dump(), "tokenizer.json");
  TokenizerScratch used;
  std::string text;
  for (uint64_t i = 0; i < 200'000; ++i) text += fmt::format(" hello{}", i * 7919 % 100'003);
  const auto first = tokenizer.encode(text, {}, used);
  const std::vector<uint32_t> kept(first.begin(), first.end());
  const auto again = tokenizer.encode(text, {}, used);
  EXPECT_TRUE(std::ranges::equal(kept, again));
}

TEST(Tokenizer, tokens_are_found_by_their_text) {
  const Tokenizer tokenizer = parse_tokenizer(small_tokenizer().dump(), "tokenizer.json");
  EXPECT_EQ(tokenizer.id_of("<|pad|>"), 301u);
  EXPECT_EQ(tokenizer.id_of(" hello"), 260u);
  EXPECT_EQ(tokenizer.id_of("<|none|>"), std::nullopt);
  EXPECT_EQ(tokenizer.id_end(), 302u);
}

}  // namespace
}  // namespace headrace::text

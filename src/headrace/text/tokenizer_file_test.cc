// What a tokenizer.json may ask for, and how the rest is refused.
#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/text/small_tokenizer.h"
#include "headrace/text/tokenizer.h"

namespace headrace::text {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string refusal(const json& file) {
  try {
    parse_tokenizer(file.dump(), "tokenizer.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

// Of the small tokenizer with one part replaced.
std::string refusal(const char* pointer, const json& value) {
  json file = small_tokenizer();
  file[json::json_pointer(pointer)] = value;
  return refusal(file);
}

TEST(TokenizerFile, the_small_one_is_whole) { EXPECT_EQ(refusal(small_tokenizer()), "none"); }

TEST(TokenizerFile, what_is_not_supported_is_refused_by_name) {
  EXPECT_THAT(refusal("/model/type", "WordPiece"), HasSubstr("model \"WordPiece\""));
  EXPECT_THAT(refusal("/normalizer", {{"type", "NFKC"}}), HasSubstr("normalizer \"NFKC\""));
  EXPECT_THAT(refusal("/pre_tokenizer", {{"type", "Metaspace"}}),
              HasSubstr("pre-tokenizer \"Metaspace\""));
  EXPECT_THAT(refusal("/pre_tokenizer", nullptr), HasSubstr("no pre-tokenizer"));
  EXPECT_THAT(refusal("/pre_tokenizer/use_regex", false), HasSubstr("use_regex false"));
  EXPECT_THAT(refusal("/post_processor", {{"type", "BertProcessing"}}),
              HasSubstr("post-processor \"BertProcessing\""));
  EXPECT_THAT(refusal("/model/dropout", 0.1), HasSubstr("dropout"));
  EXPECT_THAT(refusal("/model/end_of_word_suffix", "</w>"), HasSubstr("end_of_word_suffix"));
}

TEST(TokenizerFile, an_unknown_pattern_is_quoted) {
  const json split = {{"type", "Split"},
                      {"pattern", {{"Regex", "\\w+|x"}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  const json level = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  EXPECT_THAT(refusal("/pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {split, level}}}),
              HasSubstr("the pattern \\w+|x"));
}

TEST(TokenizerFile, damaged_parts_are_refused) {
  EXPECT_THAT(refusal(json::array()), HasSubstr("no JSON object"));
  EXPECT_THAT(refusal("/model", nullptr), HasSubstr("no \"model\""));
  EXPECT_THAT(refusal("/model/vocab", json::array()), HasSubstr("vocab"));
  EXPECT_THAT(refusal("/model/vocab/a", -1), HasSubstr("an id is no whole number"));
  EXPECT_THAT(refusal("/model/vocab/a", uint64_t{1} << 40), HasSubstr("an id is no whole number"));
  EXPECT_THAT(refusal("/model/vocab/a", 'b'), HasSubstr("two tokens have the id 98"));
  EXPECT_THAT(refusal("/model/merges/0", "he"), HasSubstr("a merge is not two tokens"));
  EXPECT_THAT(refusal("/model/merges/0", "h x"), HasSubstr("not in the vocabulary"));
  EXPECT_THAT(refusal("/model/merges/0", 7), HasSubstr("a merge is not two tokens"));
  EXPECT_THAT(refusal("/added_tokens/0/content", std::string(2000, 'x')), HasSubstr("longer than"));
  EXPECT_THAT(refusal("/added_tokens/0/content", "hello"), HasSubstr("the vocabulary says 259"));
  EXPECT_THAT(refusal("/added_tokens/0", "x"), HasSubstr("an added token is no object"));
  EXPECT_THAT(refusal("/normalizer", 3), HasSubstr("no object"));
}

TEST(TokenizerFile, text_that_is_no_json_is_refused_with_what_it_should_be) {
  EXPECT_THROW(
      {
        try {
          parse_tokenizer("{\"model\": ", "x.json");
        } catch (const Error& error) {
          EXPECT_THAT(error.what(), HasSubstr("cannot read tokenizer x.json: it is not JSON"));
          throw;
        }
      },
      Error);
}

TEST(TokenizerFile, a_vocabulary_without_some_bytes_may_not_ask_for_an_unknown_token) {
  json file = small_tokenizer();
  file["model"]["vocab"].erase("a");
  EXPECT_EQ(refusal(file), "none");
  file["model"]["unk_token"] = "<unk>";
  EXPECT_THAT(refusal(file), HasSubstr("unk_token"));
}

TEST(TokenizerFile, templates_must_hold_one_text) {
  const json special = {{"SpecialToken", {{"id", "<|end|>"}}}};
  const json tokens = {{"<|end|>", {{"ids", {300}}}}};
  EXPECT_THAT(refusal("/post_processor", {{"type", "TemplateProcessing"},
                                          {"single", json::array({special})},
                                          {"special_tokens", tokens}}),
              HasSubstr("lacks the text"));
  const json text = {{"Sequence", {{"id", "A"}}}};
  EXPECT_THAT(refusal("/post_processor", {{"type", "TemplateProcessing"},
                                          {"single", json::array({text, text})},
                                          {"special_tokens", tokens}}),
              HasSubstr("not one text"));
}

}  // namespace
}  // namespace headrace::text

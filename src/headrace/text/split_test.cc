// Words of each style; all code points and real text: tests/conformance/tokenizers_equal.py.
#include "headrace/text/split.h"

#include <gmock/gmock.h>

namespace headrace::text {
namespace {

using testing::ElementsAre;

template <Style style>
std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  for_each_word<style>(text, [&](std::string_view word) {
    found.emplace_back(word);
    return true;
  });
  return found;
}

TEST(Split, gpt2_gives_a_space_to_the_word_behind_it) {
  EXPECT_THAT(words<Style::gpt2>("Hello  world's 12345!?"),
              ElementsAre("Hello", " ", " world", "'s", " 12345", "!?"));
  EXPECT_THAT(words<Style::gpt2>("a\n\n b \n"), ElementsAre("a", "\n\n", " b", " \n"));
  EXPECT_THAT(words<Style::gpt2>("it'S 'd'"), ElementsAre("it", "'", "S", " '", "d", "'"));
}

TEST(Split, llama3_takes_one_sign_before_letters_and_digits_by_three) {
  EXPECT_THAT(words<Style::llama3>("(foo)\tbar 1234567"),
              ElementsAre("(foo", ")", "\tbar", " ", "123", "456", "7"));
  EXPECT_THAT(words<Style::llama3>("we'LL go!\r\n\n x"),
              ElementsAre("we", "'LL", " go", "!\r\n\n", " x"));
  EXPECT_THAT(words<Style::llama3>("a  \n \n  b"), ElementsAre("a", "  \n \n", " ", " b"));
}

TEST(Split, the_long_s_is_an_s_where_case_is_folded) {
  EXPECT_THAT(words<Style::llama3>("a'\xC5\xBF"), ElementsAre("a", "'\xC5\xBF"));
  EXPECT_THAT(words<Style::gpt2>("a'\xC5\xBF"), ElementsAre("a", "'", "\xC5\xBF"));
}

TEST(Split, qwen2_takes_digits_one_by_one) {
  EXPECT_THAT(words<Style::qwen2>("x12 3"), ElementsAre("x", "1", "2", " ", "3"));
}

TEST(Split, marks_are_no_letters) {
  EXPECT_THAT(words<Style::gpt2>("e\xCC\x81t"), ElementsAre("e", "\xCC\x81", "t"));
  EXPECT_THAT(words<Style::llama3>("e\xCC\x81t"), ElementsAre("e", "\xCC\x81t"));
}

TEST(Split, spaces_at_the_end_stay_together) {
  EXPECT_THAT(words<Style::gpt2>("a   "), ElementsAre("a", "   "));
  EXPECT_THAT(words<Style::llama3>("a \xE3\x80\x80 "), ElementsAre("a", " \xE3\x80\x80 "));
}

TEST(Split, only_known_expressions_have_a_style) {
  EXPECT_EQ(
      style_of(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"),
      Style::gpt2);
  EXPECT_EQ(style_of(R"(\s+)"), std::nullopt);
}

}  // namespace
}  // namespace headrace::text

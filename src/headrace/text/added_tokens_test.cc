// Pieces of a text: as HF's AddedVocabulary cuts them.
#include "headrace/text/added_tokens.h"

#include <gmock/gmock.h>

namespace headrace::text {
namespace {

using testing::ElementsAre;

std::vector<std::string> pieces(std::vector<AddedToken> tokens, std::string_view text) {
  const AddedTokens added(std::move(tokens));
  std::vector<std::string> found;
  added.for_each_piece(text, [&](const AddedTokens::Piece& piece) {
    found.push_back(piece.token ? fmt::format("{}:{}", piece.token->id, piece.text)
                                : std::string(piece.text));
    return true;
  });
  return found;
}

TEST(AddedTokens, the_leftmost_and_then_the_longest_wins) {
  const std::vector<AddedToken> tokens = {{"<a>", 1}, {"<a>b", 2}, {"a>b>", 3}, {"<", 4}};
  EXPECT_THAT(pieces(tokens, "x<a>b>y"), ElementsAre("x", "2:<a>b", ">y"));
  EXPECT_THAT(pieces(tokens, "<<a>"), ElementsAre("4:<", "1:<a>"));
  EXPECT_THAT(pieces(tokens, "plain"), ElementsAre("plain"));
  EXPECT_THAT(pieces(tokens, ""), ElementsAre());
  EXPECT_THAT(pieces({}, "<a>"), ElementsAre("<a>"));
}

TEST(AddedTokens, spaces_go_along_where_asked_for) {
  EXPECT_THAT(pieces({{.content = "<m>", .id = 1, .lstrip = true}}, "a  <m>  b"),
              ElementsAre("a", "1:  <m>", "  b"));
  EXPECT_THAT(pieces({{.content = "<m>", .id = 1, .rstrip = true}}, "a <m>\xE3\x80\x80 b"),
              ElementsAre("a ", "1:<m>\xE3\x80\x80 ", "b"));
  EXPECT_THAT(pieces({{.content = "<m>", .id = 1, .lstrip = true, .rstrip = true}}, "<m> <m>"),
              ElementsAre("1:<m> ", "1:<m>"));
}

TEST(AddedTokens, a_single_word_touches_no_letter) {
  const std::vector<AddedToken> tokens = {{.content = "cat", .id = 1, .single_word = true}};
  EXPECT_THAT(pieces(tokens, "cat concat cats _cat cat."),
              ElementsAre("1:cat", " concat cats _cat ", "1:cat", "."));
  EXPECT_THAT(pieces(tokens,
                     "\xC3\xA9"
                     "cat"),
              ElementsAre("\xC3\xA9"
                          "cat"));
}

TEST(AddedTokens, a_taker_ends_it) {
  const AddedTokens added({{"<a>", 1}});
  int count = 0;
  EXPECT_FALSE(
      added.for_each_piece("x<a>y", [&](const AddedTokens::Piece&) { return ++count < 2; }));
  EXPECT_EQ(count, 2);
}

TEST(AddedTokens, are_found_by_content) {
  const AddedTokens added({{"<b>", 9}, {"<a>", 1}, {"", 50}});
  EXPECT_EQ(added.id_of("<a>"), 1u);
  EXPECT_EQ(added.id_of("<c>"), std::nullopt);
  EXPECT_EQ(added.id_end(), 10u);
}

}  // namespace
}  // namespace headrace::text

// What the ids are in models small enough to reckon by hand; conformance/sentencepiece_equal.py
// compares real ones.
#include "headrace/text/sentencepiece.h"

#include <gmock/gmock.h>

#include "headrace/text/small_pieces.h"

namespace headrace::text {
namespace {

using testing::ElementsAre;

std::vector<uint32_t> ids_of(const SmallPieces& model, std::string_view text, size_t limit = 1000) {
  const SentencePiece pieces = parse_sentencepiece(model.model(), "m.model");
  PieceScratch scratch;
  std::vector<uint32_t> ids, again;
  pieces.encode(text, limit, scratch, ids);
  pieces.encode(text, limit, scratch, again);
  EXPECT_EQ(ids, again) << "whatever the scratch remembers";
  return ids;
}

SmallPieces letters(int kind, bool falls_back = false) {
  SmallPieces model;
  model.piece("<unk>", 0, 2);
  if (falls_back) model.bytes();
  for (const char* piece : {"a", "b", "c", "\u2581"}) model.piece(piece, -10);
  model.trainer(SmallPieces::number(3, kind) + SmallPieces::number(35, falls_back));
  return model;
}

TEST(SentencePiece, bpe_merges_the_best_score_first_and_of_equals_the_leftmost) {
  SmallPieces model = letters(2);
  model.piece("ab", -2);       // 5
  model.piece("bc", -1);       // 6
  model.piece("aa", -3);       // 7
  model.piece("\u2581a", -4);  // 8
  EXPECT_THAT(ids_of(model, "abc"), ElementsAre(8, 6)) << "bc before ab";
  EXPECT_THAT(ids_of(model, "baaa"), ElementsAre(4, 2, 7, 1)) << "the leftmost aa";
}

TEST(SentencePiece, unigram_takes_the_way_of_the_best_sum) {
  SmallPieces model = letters(1);
  model.piece("ab", -3);       // 5
  model.piece("\u2581a", -4);  // 6
  model.piece("bc", -5);       // 7
  EXPECT_THAT(ids_of(model, "abc"), ElementsAre(6, 7)) << "-9, against -23 of _, ab, c";
}

TEST(SentencePiece, what_is_unknown_is_one_id_or_its_bytes) {
  for (const int kind : {1, 2}) {
    EXPECT_THAT(ids_of(letters(kind), "axyb"), ElementsAre(4, 1, 0, 2));
    EXPECT_THAT(ids_of(letters(kind, true), "\u00e9"), ElementsAre(260, 1 + 0xc3, 1 + 0xa9));
  }
}

TEST(SentencePiece, symbols_of_ones_own_are_taken_whole_and_unused_pieces_not_at_all) {
  for (const int kind : {1, 2}) {
    SmallPieces model = letters(kind);
    model.piece("abc", 0, 4);  // 5
    model.piece("bb", -1, 5);  // 6
    EXPECT_THAT(ids_of(model, "aabcbb"), ElementsAre(4, 1, 5, 2, 2));
  }
}

TEST(SentencePiece, the_limit_ends_the_text) {
  EXPECT_THAT(ids_of(letters(2), "a b c", 3), ElementsAre(4, 1, 4));
  EXPECT_THAT(ids_of(letters(1), "abc", 2), ElementsAre(4, 1));
}

TEST(SentencePiece, pieces_are_found_by_their_text_reserved_ones_too) {
  SmallPieces model = letters(2);
  model.piece("</s>", 0, 3);
  const SentencePiece pieces = parse_sentencepiece(model.model(), "m.model");
  EXPECT_EQ(pieces.id_of("</s>"), 5u);
  EXPECT_EQ(pieces.id_of("a"), 1u);
  EXPECT_EQ(pieces.id_of("x"), std::nullopt);
  EXPECT_EQ(pieces.id_end(), 6u);
}

}  // namespace
}  // namespace headrace::text

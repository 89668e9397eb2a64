// Models that are none, and what is asked for that is not supported.
#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/text/small_pieces.h"
#include "headrace/text/tokenizer.h"

namespace headrace::text {
namespace {

using testing::HasSubstr;

std::string model_refusal(const std::string& bytes) {
  try {
    (void)parse_tokenizer(bytes, "m.model");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string with(const auto& change) {
  SmallPieces model;
  model.piece("<unk>", 0, 2);
  model.piece("a", -1);
  change(model);
  return model.model();
}

TEST(SentencePieceFile, a_tokenizer_is_known_by_its_bytes) {
  const Tokenizer tokenizer = parse_tokenizer(with([](SmallPieces&) {}), "m.model");
  TokenizerScratch scratch;
  EXPECT_EQ(tokenizer.encode("aa", {}, scratch).size(), 3u);
  EXPECT_EQ(tokenizer.id_end(), 2u);
  EXPECT_EQ(tokenizer.id_of("a"), 1u);
}

TEST(SentencePieceFile, says_what_is_wrong_with_a_model) {
  EXPECT_THAT(model_refusal(with([](auto& m) { m.piece("a", 0); })), HasSubstr("two pieces"));
  EXPECT_THAT(model_refusal(with([](auto& m) { m.piece("", 0); })), HasSubstr("piece 2 is empty"));
  EXPECT_THAT(model_refusal(with([](auto& m) { m.piece("b", 0, 7); })), HasSubstr("type 7"));
  EXPECT_THAT(model_refusal(with([](auto& m) { m.piece("b", 0, 2); })), HasSubstr("or several"));
  EXPECT_THAT(model_refusal(with([](auto& m) { m.piece("<0x1>", 0, 6); })), HasSubstr("no byte"));
  EXPECT_THAT(model_refusal(with([](auto& m) { m.trainer(SmallPieces::number(3, 4)); })),
              HasSubstr("model type is char"));
  EXPECT_THAT(model_refusal(with([](auto& m) { m.trainer(SmallPieces::number(35, 1)); })),
              HasSubstr("0 of the 256 bytes"));
  EXPECT_THAT(model_refusal(with([](auto& m) {
                m.normalizer(SmallPieces::field(2, std::string("\x08\0\0\0abcd", 8)));
              })),
              HasSubstr("cut short"));
}

TEST(SentencePieceFile, a_model_that_ends_anywhere_is_refused_or_whole) {
  const std::string model = with([](auto& m) {
    m.trainer(SmallPieces::number(3, 2));
    m.normalizer(SmallPieces::number(3, 0));
  });
  for (size_t size = 0; size < model.size(); ++size) (void)model_refusal(model.substr(0, size));
  EXPECT_EQ(model_refusal(model), "no error");
}

TEST(SentencePieceFile, of_a_model_with_any_byte_flipped_ids_stay_in_its_vocabulary) {
  const std::string whole = with([](auto& m) {
    for (const char* piece : {"b", "ab", "\u2581", "\u2581a"}) m.piece(piece, -2);
    m.trainer(SmallPieces::number(3, 1));
    m.normalizer(SmallPieces::field(2, std::string("\x0c\0\0\0\0\0\0\0a\0\0\x80\3\0\0\0A\0", 18)));
  });
  TokenizerScratch scratch;
  size_t taken = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string model = whole;
      model[at] = static_cast<char>(model[at] ^ (1 << bit));
      try {
        const Tokenizer tokenizer = parse_tokenizer(model, "m.model");
        ++taken;
        for (const uint32_t id : tokenizer.encode("ab aab  x\u00e9", {}, scratch)) {
          ASSERT_LT(id, tokenizer.id_end()) << at;
        }
      } catch (const Error&) {
      }
    }
  }
  EXPECT_GT(taken, 100u) << "a format without checksums";
}

}  // namespace
}  // namespace headrace::text

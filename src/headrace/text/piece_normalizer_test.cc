// Spaces, and a table of two rules that is written by hand.
#include "headrace/text/piece_normalizer.h"

#include <gtest/gtest.h>

namespace headrace::text {
namespace {

// A darts-clone trie of "A" and "B", whose values are places in the targets.
NormalizerParts upper_case() {
  NormalizerParts parts;
  parts.units.assign(512, 0);
  const auto unit = [](uint32_t offset, uint32_t label, bool has_leaf) {
    return offset << 10 | uint32_t{has_leaf} << 8 | label;
  };
  parts.units[0] = unit(256, 0, false);
  for (const uint32_t letter : {'A', 'B'}) {
    const uint32_t at = 256 ^ letter;
    const uint32_t value_at = letter == 'A' ? 8 : 9;
    parts.units[at] = unit(at ^ value_at, letter, true);
    parts.units[value_at] = uint32_t{1} << 31 | (letter == 'A' ? 0 : 2);
  }
  parts.targets = std::string("a\0  b\0", 6);
  return parts;
}

std::string normalized(const NormalizerParts& parts, std::string_view text,
                       std::vector<PieceTrie::Entry> symbols = {}) {
  std::string result;
  PieceNormalizer(parts, PieceTrie(std::move(symbols))).run(text, result);
  return result;
}

TEST(PieceNormalizer, makes_spaces_single_and_puts_one_before) {
  EXPECT_EQ(normalized({}, "  a   b  "), "\u2581a\u2581b");
  EXPECT_EQ(normalized({}, "   "), "");
  EXPECT_EQ(normalized({}, ""), "");
  EXPECT_EQ(normalized({.treats_space_as_suffix = true}, " a b "), "a\u2581b\u2581");
  EXPECT_EQ(normalized({.adds_prefix = false}, " a b "), "a\u2581b");
  EXPECT_EQ(normalized({.removes_extra_spaces = false}, "a  b "), "\u2581a\u2581\u2581b\u2581");
  EXPECT_EQ(normalized({.escapes_spaces = false}, "a b"), " a b");
}

TEST(PieceNormalizer, characters_become_others_and_symbols_stay) {
  EXPECT_EQ(normalized(upper_case(), "xAyB"),
            "\u2581xay\u2581\u2581"
            "b");
  EXPECT_EQ(normalized(upper_case(), "Ax A", {{"A", 0}}),
            "\u2581"
            "Ax\u2581"
            "A");
  EXPECT_EQ(normalized(upper_case(),
                       "\u00e9"
                       "A"),
            "\u2581\u00e9"
            "a");
}

TEST(PieceNormalizer, a_table_that_points_out_of_itself_is_not_followed) {
  NormalizerParts parts = upper_case();
  parts.units.resize(256 ^ 'A');
  EXPECT_EQ(normalized(parts, "AB"),
            "\u2581"
            "AB");
  parts = upper_case();
  parts.targets = std::string(1, '\0');
  EXPECT_EQ(normalized(parts, "AB"),
            "\u2581"
            "B")
      << "A becomes nothing, B has no target";
}

}  // namespace
}  // namespace headrace::text

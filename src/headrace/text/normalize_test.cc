// Composition, order of marks and Korean; all code points: tests/conformance/tokenizers_equal.py.
#include "headrace/text/normalize.h"

#include <gtest/gtest.h>

namespace headrace::text {
namespace {

std::string of(std::initializer_list<uint32_t> codes) {
  std::string text;
  for (const uint32_t code : codes) append_utf8(code, text);
  return text;
}

std::string nfc(const std::string& text) {
  NormalizeScratch scratch;
  return std::string(normalize_nfc(text, scratch));
}

TEST(Normalize, a_letter_and_its_mark_become_one) {
  EXPECT_EQ(nfc(of({'a', 'e', 0x301, 'b'})), of({'a', 0xE9, 'b'}));
  EXPECT_EQ(nfc(of({0xEA, 0x323})), of({0x1EC7}));  // a mark below goes in before the one above
}

TEST(Normalize, marks_are_put_in_order_and_one_that_is_blocked_stays) {
  EXPECT_EQ(nfc(of({'x', 0x315, 0x300, 0x5AE})), of({'x', 0x5AE, 0x300, 0x315}));
  EXPECT_EQ(nfc(of({'a', 0x302, 0x302, 0x301})), of({0xE2, 0x302, 0x301}));
  std::string many = "q";
  for (int i = 0; i < 100; ++i) many += of({0x301, 0x316});
  std::string sorted = "q";
  for (int i = 0; i < 100; ++i) sorted += of({0x316});
  for (int i = 0; i < 100; ++i) sorted += of({0x301});
  EXPECT_EQ(nfc(many), sorted);
}

TEST(Normalize, one_for_one_and_what_must_not_be_composed) {
  EXPECT_EQ(nfc(of({0x212B})), of({0xC5}));
  EXPECT_EQ(nfc(of({0x958})), of({0x915, 0x93C}));
}

TEST(Normalize, korean_letters_become_syllables) {
  EXPECT_EQ(nfc(of({0x1100, 0x1161, 0x11A8})), of({0xAC01}));
  EXPECT_EQ(nfc(of({0xAC00, 0x11A8})), of({0xAC01}));
  EXPECT_EQ(nfc(of({0xAC01, 0x11A8})), of({0xAC01, 0x11A8}));
}

TEST(Normalize, text_in_the_form_is_not_copied) {
  NormalizeScratch scratch;
  const std::string text = "plain, caf\xC3\xA9, \xE0\xA4\xB9\xE0\xA4\xBF";
  EXPECT_EQ(normalize_nfc(text, scratch).data(), text.data());
  EXPECT_EQ(nfc(""), "");
}

}  // namespace
}  // namespace headrace::text

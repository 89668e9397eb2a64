// Classes at the edges of blocks, and bytes that are no UTF-8.
#include "headrace/text/unicode.h"

#include <gtest/gtest.h>

namespace headrace::text {
namespace {

std::string repaired(std::string_view bytes) {
  std::string scratch;
  return std::string(repair_utf8(bytes, scratch));
}

std::string of(uint32_t code_point) {
  std::string text;
  append_utf8(code_point, text);
  return text;
}

TEST(Unicode, every_code_point_is_written_and_read_back) {
  for (uint32_t code = 0; code < 0x110000; code = code == 0xD7FF ? 0xE000 : code + 1) {
    const std::string text = of(code);
    const CodePoint point = code_point_at(text.data());
    ASSERT_EQ(point.value, code);
    ASSERT_EQ(point.size_bytes, text.size());
    ASSERT_EQ(repaired(text), text);
  }
}

TEST(Unicode, classes_are_those_of_the_standard) {
  const auto class_of = [](uint32_t code) { return character_at(of(code).data()).kind; };
  EXPECT_EQ(class_of('a'), Class::lower);
  EXPECT_EQ(class_of(0x1C4), Class::upper);
  EXPECT_EQ(class_of(0x1C5), Class::upper);  // title case
  EXPECT_EQ(class_of(0x4E2D), Class::letter);
  EXPECT_EQ(class_of(0x2167), Class::number);
  EXPECT_EQ(class_of(0x301), Class::mark);
  EXPECT_EQ(class_of('\n'), Class::newline);
  EXPECT_EQ(class_of(0x0B), Class::space);
  EXPECT_EQ(class_of(0x3000), Class::space);
  EXPECT_EQ(class_of(0x3002), Class::punctuation);
  EXPECT_EQ(class_of(0x1F600), Class::symbol);
  EXPECT_EQ(class_of(0x378), Class::other);
  EXPECT_EQ(class_of(0x10FFFF), Class::other);
}

TEST(Unicode, valid_text_is_not_copied) {
  std::string scratch;
  const std::string_view text = "caf\xC3\xA9 and more than eight bytes";
  EXPECT_EQ(repair_utf8(text, scratch).data(), text.data());
}

TEST(Unicode, each_broken_beginning_is_one_replacement) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(repaired("a\x80z"), "a" + bad + "z");
  EXPECT_EQ(repaired("\xE2\x82"), bad);  // cut short
  EXPECT_EQ(repaired("\xE2\x82z"), bad + "z");
  EXPECT_EQ(repaired("\xF0\x9F\x98"), bad);
  EXPECT_EQ(repaired("\xC0\xAF"), bad + bad);  // long form
  EXPECT_EQ(repaired("\xE0\x80\x80"), bad + bad + bad);
  EXPECT_EQ(repaired("\xED\xA0\x80"), bad + bad + bad);  // surrogate
  EXPECT_EQ(repaired("\xF4\x90\x80\x80"), bad + bad + bad + bad);
  EXPECT_EQ(repaired("\xFF\xFE"), bad + bad);
}

}  // namespace
}  // namespace headrace::text

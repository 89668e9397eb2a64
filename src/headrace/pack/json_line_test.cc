// The text of a key: which one counts, and what is no such line.
#include "headrace/pack/json_line.h"

#include <gmock/gmock.h>

namespace headrace::pack {
namespace {

using testing::HasSubstr;

std::string line_text(std::string_view line) {
  JsonLine reader("text");
  const auto text = reader.text_of(line);
  return text ? std::string(*text) : "! " + text.error().cause;
}

TEST(JsonLine, gives_the_text_with_its_escapes_undone) {
  EXPECT_EQ(line_text(R"({"id": 7, "text": "a\n\u00e9\ud83d\ude00\"", "more": [1, {}]})"),
            "a\n\u00e9\U0001f600\"");
  EXPECT_EQ(line_text(" {\"text\":\"\"}\r"), "");
}

TEST(JsonLine, takes_the_last_of_keys_that_come_twice_and_none_from_within) {
  EXPECT_EQ(line_text(R"({"text": "a", "text": "b"})"), "b");
  EXPECT_EQ(line_text(R"({"text": "a", "meta": {"text": "b"}, "tags": ["text"]})"), "a");
  EXPECT_EQ(line_text(R"({"meta": {"text": "b"}})"), "! it has no key \"text\"");
}

TEST(JsonLine, says_what_is_wrong) {
  EXPECT_EQ(line_text(R"({"text": 7})"), "! \"text\" is no text");
  EXPECT_EQ(line_text(R"({"text": {"text": "a"}})"), "! \"text\" is no text");
  EXPECT_EQ(line_text(R"({"text": "a", "text": null})"), "! \"text\" is no text");
  EXPECT_EQ(line_text(R"(["text", "a"])"), "! it is no JSON object");
  EXPECT_EQ(line_text(R"("text")"), "! it is no JSON object");
  for (const char* line : {"", "{", R"({"text": "a"} 1)", "{\"text\": \"\xff\"}",
                           R"({"text": "\ud83d"})", "{\"text\": \"\1\"}"}) {
    EXPECT_THAT(line_text(line), HasSubstr("! it is no JSON from")) << line;
  }
}

TEST(JsonLine, deep_nesting_costs_no_stack) {
  const std::string deep(1'000'000, '[');
  EXPECT_THAT(line_text(R"({"text": "a", "deep": )" + deep), HasSubstr("no JSON"));
}

}  // namespace
}  // namespace headrace::pack

// Brace lists as shells spell them out.
#include "headrace/formats/brace_list.h"

#include <gmock/gmock.h>

namespace headrace::formats {
namespace {

using testing::ElementsAre;

TEST(BraceList, keeps_zero_padding_and_crosses_several_braces) {
  EXPECT_THAT(*expand_braces("x-{008..011}.tar"),
              ElementsAre("x-008.tar", "x-009.tar", "x-010.tar", "x-011.tar"));
  EXPECT_THAT(*expand_braces("{8..10}"), ElementsAre("8", "9", "10"));
  EXPECT_THAT(*expand_braces("{a,b}/{0..1}"), ElementsAre("a/0", "a/1", "b/0", "b/1"));
  EXPECT_THAT(*expand_braces("plain.tar"), ElementsAre("plain.tar"));
}

TEST(BraceList, refuses_what_it_cannot_spell_out) {
  for (const char* text : {"{", "}", "{a}", "{}", "{3..1}", "{a..b}", "{0..99999999999}", "{{a,b}}",
                           "{0..18446744073709551615}", "{0..999}{0..9999}", "a}b{c,d}"}) {
    EXPECT_FALSE(expand_braces(text)) << text;
  }
}

TEST(BraceList, joins_parts_and_takes_variables_as_webdataset_does) {
  const auto variable = [](const std::string& name) -> std::optional<std::string> {
    if (name == "WDS_ROOT") return "${TOP}/x";
    if (name == "WDS_TOP") return "/data";
    if (name == "WDS_LOOP") return "a${LOOP}${LOOP}${LOOP}${LOOP}${LOOP}${LOOP}";
    return std::nullopt;
  };
  EXPECT_THAT(*expand_list("${ROOT}/{0..1}.tar::b.tar", variable),
              ElementsAre("/data/x/0.tar", "/data/x/1.tar", "b.tar"));
  EXPECT_THAT(*expand_list("a.tar", variable), ElementsAre("a.tar"));
  EXPECT_EQ(expand_list("${NONE}", variable).error(), "the variable WDS_NONE is not set");
  for (const char* text : {"${LOOP}", "${ROOT", "a::{b"}) {
    EXPECT_FALSE(expand_list(text, variable)) << text;
  }
}

}  // namespace
}  // namespace headrace::formats

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

}  // namespace
}  // namespace headrace::formats

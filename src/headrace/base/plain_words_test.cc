// Words are those of /bin/sh, and nothing that it would run gets through.
#include "headrace/base/plain_words.h"

#include <gmock/gmock.h>

namespace headrace {
namespace {

using testing::ElementsAre;

TEST(PlainWords, are_divided_as_a_shell_divides_them) {
  EXPECT_THAT(plain_words(" curl  -s\thttps://a/b?c=1#d ").value(),
              ElementsAre("curl", "-s", "https://a/b?c=1#d"));
  EXPECT_THAT(plain_words("cat 'a b'\"c 'd\"\\ e '' \"\"").value(),
              ElementsAre("cat", "a bc 'd e", "", ""));
  EXPECT_THAT(plain_words(R"(a "\"\\\x" '\' \$ '$(x)' 'a&b' "a;b")").value(),
              ElementsAre("a", R"("\\x)", "\\", "$", "$(x)", "a&b", "a;b"));
}

TEST(PlainWords, are_none_where_only_a_shell_understands) {
  for (const char* command :
       {"a | b",     "a;b",   "a&",      "a <b",    "a > b", "a $(b)", "a `b`", "a \"$(b)\"",
        "a \"`b`\"", "a\nb",  "a $HOME", "(a)",     "a *",   "a [b]",  "a ~/b", "#a",
        "a 'b",      "a \"b", "a \\",    "a \\\nb", "",      "  "}) {
    EXPECT_FALSE(plain_words(command)) << command;
  }
}

}  // namespace
}  // namespace headrace

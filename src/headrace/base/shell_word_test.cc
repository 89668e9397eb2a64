// Words that a shell reads back as they were.
#include "headrace/base/shell_word.h"

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(ShellWord, leaves_plain_words_and_quotes_the_rest) {
  EXPECT_EQ(shell_word("/data/a-1.tar"), "/data/a-1.tar");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("$(reboot)"), "'$(reboot)'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace headrace

// Error says what, where, why and what next.
#include "headrace/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace headrace {
namespace {

TEST(Error, says_what_where_why_and_what_next) {
  const Error error({.code = Code::corrupt,
                     .action = "cannot read shard",
                     .object = "a.tar",
                     .offset_bytes = 512,
                     .cause = "checksum differs",
                     .hint = "pack it again"});
  EXPECT_STREQ(error.what(),
               "cannot read shard a.tar at byte 512: checksum differs; hint: pack it again");
}

TEST(Error, leaves_out_the_parts_that_are_empty) {
  EXPECT_STREQ(Error({.action = "cannot go on"}).what(), "cannot go on");
}

TEST(Error, errno_brings_its_code_text_and_remedy) {
  try {
    throw_errno(ENOSPC, "cannot write", "x");
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::no_space);
    EXPECT_EQ(error.parts().cause, "No space left on device");
    EXPECT_NE(error.parts().hint, "");
  }
}

TEST(Error, each_code_has_a_name) {
  for (int code = 0; code <= static_cast<int>(Code::interrupted); ++code) {
    EXPECT_STRNE(name_of(static_cast<Code>(code)), "unknown");
  }
}

}  // namespace
}  // namespace headrace

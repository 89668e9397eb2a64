// Opening what is there and what is not.
#include "headrace/shim/library.h"

#include <gtest/gtest.h>

namespace headrace::shim {
namespace {

TEST(Library, finds_symbols_of_what_it_opened_and_only_those) {
  const auto library = Library::open("libc.so.6");
  ASSERT_TRUE(library) << library.error();
  int (*absolute)(int) = nullptr;
  ASSERT_TRUE(library->find("abs", absolute));
  EXPECT_EQ(absolute(-3), 3);
  EXPECT_FALSE(library->find("no_such_function_anywhere", absolute));
  EXPECT_EQ(absolute, nullptr);
}

TEST(Library, says_what_is_missing) {
  const auto library = Library::open("libnowhere.so.1");
  ASSERT_FALSE(library);
  EXPECT_NE(library.error().find("libnowhere.so.1"), std::string::npos);
}

}  // namespace
}  // namespace headrace::shim

// libhf3fs_api_shared by its symbols, and the limit on descriptors under which it is not opened.
#include "headrace/shim/hf3fs.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "headrace/shim/stand_in.h"

namespace headrace::shim {
namespace {

TEST(Hf3fs, opens_a_library_with_all_symbols) {
  const auto library = Hf3fs::open(stand_in_path("hf3fs"));
  ASSERT_TRUE(library) << library.error();
  EXPECT_NE((*library)->wait, nullptr);
}

TEST(Hf3fs, says_how_to_get_a_library_that_is_not_there_or_is_another) {
  EXPECT_NE(Hf3fs::open("libnowhere.so").error().find("built with 3FS"), std::string::npos);
  EXPECT_NE(Hf3fs::open("libc.so.6").error().find("lacks calls"), std::string::npos);
}

TEST(Hf3fs, is_not_opened_under_a_limit_that_it_would_take_gigabytes_for) {
  EXPECT_EQ(refuse_descriptor_limit(1 << 20), "");
  EXPECT_NE(refuse_descriptor_limit(1'000'000'000).find("1000000000"), std::string::npos);
  EXPECT_NE(refuse_descriptor_limit(RLIM_INFINITY).find("unlimited"), std::string::npos);
}

}  // namespace
}  // namespace headrace::shim

// libnvcomp by its symbols: there, absent, of another version; its statuses by name; and the real
// library, where there is one, in the one question that needs no device.
#include "headrace/shim/nvcomp.h"

#include <gtest/gtest.h>

#include "headrace/shim/stand_in.h"

namespace headrace::shim {
namespace {

TEST(NvComp, opens_or_says_where_it_comes_from_or_what_it_lacks) {
  const auto opened = NvComp::open(stand_in_path("nvcomp"));
  EXPECT_TRUE(opened) << opened.error();
  const auto absent = NvComp::open("libnowhere.so.1");
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().find("nvidia-libnvcomp"), std::string::npos) << absent.error();
  const auto other = NvComp::open("libc.so.6");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().find("libc.so.6 lacks nvcompBatchedLZ4DecompressGetTempSizeAsync"),
            std::string::npos);
}

// HEADRACE_NVCOMP names it where it is not installed. The answer would be nonsense, or a crash, if
// options or arguments were not passed as it expects them.
TEST(NvComp, asks_the_real_library_for_temporary_memory) {
  const char* path = std::getenv("HEADRACE_NVCOMP");
  const auto opened = path != nullptr ? NvComp::open(path) : NvComp::open();
  if (!opened && path == nullptr) GTEST_SKIP() << opened.error();
  ASSERT_TRUE(opened) << opened.error();
  for (const CompFormat format : {CompFormat::lz4, CompFormat::snappy, CompFormat::gzip}) {
    size_t small = ~size_t{0}, large = ~size_t{0};
    EXPECT_EQ((*opened)->of(format).temporary(16, 65536, {}, &small, 16 << 16), k_comp_success);
    EXPECT_EQ((*opened)->of(format).temporary(1024, 65536, {}, &large, 1024 << 16), k_comp_success);
    EXPECT_LE(small, large);
    EXPECT_LT(large, size_t{1} << 32);
    CompOptions odd;
    odd.fields[0] = 77;  // no such backend
    EXPECT_NE((*opened)->of(format).temporary(16, 65536, odd, &small, 16 << 16), k_comp_success);
  }
}

TEST(NvComp, names_its_statuses) {
  EXPECT_EQ(NvComp::name_of_status(k_comp_cannot_decompress), "nvcompErrorCannotDecompress");
  EXPECT_EQ(NvComp::name_of_status(77), "status 77");
}

}  // namespace
}  // namespace headrace::shim

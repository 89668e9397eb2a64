// libnvjpeg by its symbols: there, absent, too old; and its statuses by name.
#include "headrace/shim/nvjpeg.h"

#include <gtest/gtest.h>

#include "headrace/shim/stand_in.h"

namespace headrace::shim {
namespace {

TEST(NvJpeg, opens_or_says_where_it_comes_from_or_what_it_lacks) {
  const auto opened = NvJpeg::open(stand_in_path("nvjpeg"));
  EXPECT_TRUE(opened) << opened.error();
  const auto absent = NvJpeg::open("libnowhere.so.1");
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().find("pip install nvidia-nvjpeg"), std::string::npos) << absent.error();
  const auto other = NvJpeg::open("libc.so.6");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().find("libc.so.6 lacks nvjpegCreateEx"), std::string::npos);
}

// The real library, where HEADRACE_NVJPEG names it: that it has the symbols, under their names.
TEST(NvJpeg, opens_the_real_library_where_there_is_one) {
  const char* path = std::getenv("HEADRACE_NVJPEG");
  const auto opened = NvJpeg::open(path != nullptr ? path : "");
  if (!opened && path == nullptr) GTEST_SKIP() << opened.error();
  ASSERT_TRUE(opened) << opened.error();
}

TEST(NvJpeg, names_its_statuses_and_tells_a_pictures_from_a_devices) {
  EXPECT_EQ(NvJpeg::name_of_status(jpeg_bad), "NVJPEG_STATUS_BAD_JPEG");
  EXPECT_EQ(NvJpeg::name_of_status(jpeg_incomplete_bitstream),
            "NVJPEG_STATUS_INCOMPLETE_BITSTREAM");
  EXPECT_EQ(NvJpeg::name_of_status(11), "status 11");
  EXPECT_EQ(NvJpeg::name_of_status(-1), "status -1");
  int of_picture = 0;
  for (int status = 0; status < 20; ++status) of_picture += is_of_picture(status) ? 1 : 0;
  EXPECT_EQ(of_picture, 4);
  EXPECT_FALSE(is_of_picture(jpeg_arch_mismatch));
}

}  // namespace
}  // namespace headrace::shim

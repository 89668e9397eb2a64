// A second data set begins a bar of its own, and a stop is passed on.
#include "headrace/cli/bytes_at_start.h"

#include <gtest/gtest.h>

namespace headrace::cli {
namespace {

TEST(BytesAtStart, goes_on_until_a_stop_is_asked_for) {
  std::stop_source source;
  BytesAtStart reading("unpacking", false, source.get_token());
  EXPECT_TRUE(reading(512, 1024));
  EXPECT_TRUE(reading(1024, 1024));
  EXPECT_TRUE(reading(16, 32));  // of the next data set
  source.request_stop();
  EXPECT_FALSE(reading(32, 32));
}

TEST(BytesAtStart, says_nothing_when_it_is_quiet) {
  testing::internal::CaptureStderr();
  BytesAtStart reading("unpacking", true, {});
  EXPECT_TRUE(reading(1024, 1024));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace headrace::cli

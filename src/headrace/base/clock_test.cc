// Times are told in UTC, whatever the machine's zone.
#include "headrace/base/clock.h"

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(Clock, tells_a_time_in_utc) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1'767'323'045), "2026-01-02T03:04:05Z");
}

TEST(Clock, a_fake_clock_moves_only_when_told) {
  FakeClock clock;
  const uint64_t start_ns = clock.now_ns();
  clock.sleep_until_ns(start_ns + 5);
  EXPECT_EQ(clock.now_ns(), start_ns + 5);
  clock.sleep_until_ns(start_ns);  // already over
  EXPECT_EQ(clock.now_ns(), start_ns + 5);
}

}  // namespace
}  // namespace headrace

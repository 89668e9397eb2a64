// Waits that have ended and one that has not.
#include "headrace/loader/idle_time.h"

#include <gtest/gtest.h>

#include <thread>

#include "headrace/base/clock.h"

namespace headrace::loader {
namespace {

TEST(IdleTime, counts_a_wait_that_has_not_ended) {
  FakeClock clock;
  IdleTime idle(clock.now_ns());
  clock.advance_ns(30);
  EXPECT_EQ(idle.total_ns(clock), 30U);
  clock.advance_ns(20);
  idle.end(clock.now_ns());
  clock.advance_ns(900);
  EXPECT_EQ(idle.total_ns(clock), 50U);
  idle.begin(clock.now_ns());
  EXPECT_EQ(idle.total_ns(clock), 50U);
  clock.advance_ns(7);
  EXPECT_EQ(idle.total_ns(clock), 57U);
  idle.end(clock.now_ns());
  clock.advance_ns(1000);
  EXPECT_EQ(idle.total_ns(clock), 57U);
}

TEST(IdleTime, is_never_more_than_the_time_that_passed_for_a_reader_beside_its_writer) {
  const uint64_t born_ns = steady_now_ns();
  IdleTime idle(born_ns);
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    while (!stop) {
      idle.end(steady_now_ns());
      idle.begin(steady_now_ns());
    }
  });
  for (int reading = 0; reading < 100000; ++reading) {
    const uint64_t total_ns = idle.total_ns();
    ASSERT_LE(total_ns, steady_now_ns() - born_ns);
  }
  stop = true;
  writer.join();
}

}  // namespace
}  // namespace headrace::loader

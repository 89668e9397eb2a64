// Order, bounds, failures and an early end.
#include "headrace/pack/ordered_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

namespace headrace::pack {
namespace {

TEST(OrderedWork, results_come_in_order_for_any_jobs_and_window) {
  for (const size_t jobs : {1, 2, 8}) {
    for (const size_t window : {1, 3, 64}) {
      OrderedWork<uint64_t> work({.job_count = jobs, .window_count = window, .ticket_count = 200},
                                 [](uint64_t ticket) { return ticket * 3; });
      for (uint64_t i = 0; i < 200; ++i) ASSERT_EQ(work.take(), i * 3);
    }
  }
}

TEST(OrderedWork, no_more_than_the_window_is_begun_before_it_is_taken) {
  std::atomic<uint64_t> begun{0};
  OrderedWork<int> work({.job_count = 4, .window_count = 5, .ticket_count = 100}, [&](uint64_t) {
    ++begun;
    return 0;
  });
  for (uint64_t taken = 0; taken < 100; ++taken) {
    EXPECT_LE(begun.load(), taken + 5);
    work.take();
  }
}

TEST(OrderedWork, what_work_throws_comes_out_at_its_place) {
  OrderedWork<uint64_t> work({.job_count = 2, .window_count = 4, .ticket_count = 10},
                             [](uint64_t ticket) {
                               if (ticket == 3) throw std::runtime_error("three");
                               return ticket;
                             });
  for (uint64_t i = 0; i < 10; ++i) {
    if (i == 3) {
      EXPECT_THROW(work.take(), std::runtime_error);
    } else {
      EXPECT_EQ(work.take(), i);
    }
  }
}

TEST(OrderedWork, it_can_be_dropped_at_any_time) {
  for (int taken = 0; taken < 20; ++taken) {
    OrderedWork<int> work({.job_count = 3, .window_count = 2, .ticket_count = 1000},
                          [](uint64_t) { return 0; });
    for (int i = 0; i < taken; ++i) work.take();
  }
}

}  // namespace
}  // namespace headrace::pack

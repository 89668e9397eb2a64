// Laps add up to all the time there was.
#include "headrace/base/laps.h"

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(Laps, charge_what_passed_since_the_last_mark) {
  Laps laps;
  laps.mark(Part::queue, 1000);
  const uint64_t before_ns = laps.sum_ns(Part::queue);
  laps.mark(Part::entropy, 1030);
  laps.mark(Part::transform, 1035);
  laps.mark(Part::entropy, 1135);
  laps.mark(Part::queue, 1136);
  EXPECT_EQ(laps.sum_ns(Part::entropy), 130u);
  EXPECT_EQ(laps.sum_ns(Part::transform), 5u);
  EXPECT_EQ(laps.sum_ns(Part::queue), before_ns + 1);
  EXPECT_EQ(laps.sum_ns(Part::write), 0u);
}

TEST(Laps, cost_nothing_where_nobody_asked) {
  mark(nullptr, Part::entropy);
  Laps laps;
  mark(&laps, Part::write);
  EXPECT_GT(laps.sum_ns(Part::write), 0u);
}

}  // namespace
}  // namespace headrace

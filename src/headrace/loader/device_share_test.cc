// The share settles where both sides are done at once, and never leaves one of them unmeasured.
#include "headrace/loader/device_share.h"

#include <gtest/gtest.h>

namespace headrace::loader {
namespace {

uint32_t settled(const RowCosts& costs) {
  uint32_t share = k_share_whole / 2;
  for (int batch = 0; batch < 30; ++batch) share = balanced_share(share, costs);
  return share;
}

TEST(BalancedShare, gives_rows_by_the_rates) {
  EXPECT_NEAR(settled({.host_s = 1, .device_s = 1}), k_share_whole / 2, 2);
  EXPECT_NEAR(settled({.host_s = 3, .device_s = 1}), k_share_whole * 3 / 4, 2);
  EXPECT_NEAR(settled({.host_s = 1e-4, .device_s = 9e-4}), k_share_whole / 10, 2);
}

TEST(BalancedShare, leaves_each_side_some_rows) {
  EXPECT_EQ(settled({.host_s = 1, .device_s = 1e-9}), k_share_whole - k_share_whole / 32);
  EXPECT_EQ(settled({.host_s = 1e-9, .device_s = 1}), k_share_whole / 32);
}

TEST(BalancedShare, stays_while_a_cost_is_not_known) {
  EXPECT_EQ(balanced_share(300, {.host_s = 0, .device_s = 1}), 300u);
  EXPECT_EQ(balanced_share(300, {.host_s = 1, .device_s = 0}), 300u);
}

}  // namespace
}  // namespace headrace::loader

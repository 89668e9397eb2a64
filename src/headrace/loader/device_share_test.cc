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

class DeviceSharesTest : public testing::Test {
 protected:
  DeviceSharesTest() {
    for (const pipeline::Place place : {pipeline::Place::automatic, pipeline::Place::gpu}) {
      pipeline::FieldPlan field;
      field.place = place;
      plan_.fields.push_back(std::move(field));
      deferral_.fields[plan_.fields.size() - 1].room_bytes = 1;
    }
    deferral_.fields[0].share = 512;
  }
  // 10 rows there at `device_ns` each, and 10 here.
  void batch(uint64_t device_ns, uint64_t host_ns) {
    stats_.workers[0].times.add(observe::Stage::decode, 10 * host_ns, 10);
    DeviceCost cost;
    cost.sums[static_cast<size_t>(DeviceStage::decode)] = {10 * device_ns, 10};
    cost.sums[static_cast<size_t>(DeviceStage::copy)] = {1'000'000'000, 10};  // both need it
    shares_.note(cost, stats_);
  }
  pipeline::Plan plan_;
  Deferral deferral_{2};
  Stats stats_{1, 0};
  DeviceShares shares_{plan_, deferral_};
};

TEST_F(DeviceSharesTest, follow_what_rows_cost_either_side) {
  for (int count = 0; count < 20; ++count) batch(1'000, 3'000);
  EXPECT_NEAR(deferral_.fields[0].share, k_share_whole * 3 / 4, 2);
  for (int count = 0; count < 20; ++count) batch(3'000, 1'000);
  EXPECT_NEAR(deferral_.fields[0].share, k_share_whole / 4, 2);
  EXPECT_EQ(deferral_.fields[1].share, k_share_whole) << "a field that insists";
}

TEST_F(DeviceSharesTest, count_the_threads_own_time_where_it_is_more) {
  for (int count = 0; count < 20; ++count) {
    stats_.workers[0].times.add(observe::Stage::decode, 10'000, 10);
    DeviceCost cost{.given_s = 10e-6};
    cost.sums[static_cast<size_t>(DeviceStage::unpack)] = {10, 10};
    shares_.note(cost, stats_);
  }
  EXPECT_NEAR(deferral_.fields[0].share, k_share_whole / 2, 2);
}

}  // namespace
}  // namespace headrace::loader

// Each piece of a batch's work is timed by itself, and its slot's next batch begins anew.
#include "headrace/loader/device_stages.h"

#include <gtest/gtest.h>

#include "headrace/base/clock.h"
#include "headrace/device/fixture.h"
#include "headrace/device/memory.h"

namespace headrace::loader {
namespace {

class DeviceStagesTest : public device::StandInDevice {
 protected:
  void copy(device::Stream& stream, const device::DeviceMemory& to, int delay_us) {
    faults_.copy_delay_us = delay_us;
    device().check(device().driver().copy_to_device(to.address(), &from_, 1, stream.handle()),
                   "cannot");
  }
  std::byte from_{};
};

TEST_F(DeviceStagesTest, time_each_piece_by_itself) {
  device::Stream stream(device());
  const device::DeviceMemory to(device(), 1);
  StageMarks marks(device(), {.slot_count = 2, .piece_count = 3});
  marks.begin(1, stream.handle());
  copy(stream, to, 5'000);
  marks.end(1, {DeviceStage::decode, 7}, stream.handle());
  marks.end(1, {DeviceStage::kernel, 7}, stream.handle());
  copy(stream, to, 10'000);
  marks.end(1, {DeviceStage::copy, 8}, stream.handle());
  stream.synchronize();
  const auto& pieces = marks.read(1);
  ASSERT_EQ(pieces.size(), 3u);
  EXPECT_GE(pieces[0].busy_s, 0.005);
  EXPECT_LT(pieces[1].busy_s, 0.005);
  EXPECT_GE(pieces[2].busy_s, 0.010);
  const StageSums sums = sums_of(pieces);
  EXPECT_GE(sums[static_cast<size_t>(DeviceStage::copy)].busy_ns, 10'000'000u);
  EXPECT_EQ(sums[static_cast<size_t>(DeviceStage::decode)].row_count, 7u);
  EXPECT_GE(busy_ns_of(sums), 15'000'000u);
}

TEST_F(DeviceStagesTest, begin_anew_with_each_batch) {
  device::Stream stream(device());
  StageMarks marks(device(), {.slot_count = 1, .piece_count = 1});
  for (uint32_t batch = 1; batch < 4; ++batch) {
    marks.begin(0, stream.handle());
    marks.end(0, {DeviceStage::copy, batch}, stream.handle());
    stream.synchronize();
    EXPECT_EQ(marks.read(0).size(), 1u);
    EXPECT_EQ(marks.read(0)[0].row_count, batch);
  }
}

TEST_F(DeviceStagesTest, throw_when_the_device_takes_no_mark) {
  device::Stream stream(device());
  StageMarks marks(device(), {});
  faults_.event_error = 999;
  EXPECT_NE(error_of([&] { marks.begin(0, stream.handle()); }).find("error 999"),
            std::string::npos);
}

TEST_F(DeviceStagesTest, have_their_places_in_the_hosts_time_in_order) {
  device::Stream stream(device());
  DeviceClock clock(device(), stream);
  device::Event first(device(), device::Event::Kind::timed),
      second(device(), device::Event::Kind::timed);
  const uint64_t before_ns = steady_now_ns();
  first.record(stream.handle());
  second.record(stream.handle());
  second.wait();
  const uint64_t first_ns = clock.next_host_ns(first), second_ns = clock.next_host_ns(second);
  constexpr uint64_t k_looked_late_ns = 50'000'000;  // at the clock's birth, on a busy machine
  EXPECT_GE(first_ns, before_ns);
  EXPECT_LE(first_ns, second_ns);
  EXPECT_LE(second_ns, steady_now_ns() + k_looked_late_ns);
  clock.passed_until(second_ns + 1000);
  EXPECT_EQ(clock.next_host_ns(second), second_ns + 1000);
}

TEST(StageTotals, add_up_by_stage) {
  StageTotals totals;
  StageSums sums = {};
  sums[static_cast<size_t>(DeviceStage::unpack)] = {.busy_ns = 5, .row_count = 2};
  totals.add(sums);
  totals.add(sums);
  EXPECT_EQ(totals.read()[static_cast<size_t>(DeviceStage::unpack)].busy_ns, 10u);
  EXPECT_EQ(busy_ns_of(totals.read()), 10u);
}

}  // namespace
}  // namespace headrace::loader

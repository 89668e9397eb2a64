// A stream's idle time is what it waited, and a copy's share of it is no more than the copy took.
#include "headrace/loader/stall_meter.h"

#include <gtest/gtest.h>

#include "headrace/device/fixture.h"
#include "headrace/device/memory.h"

namespace headrace::loader {
namespace {

class StallMeterTest : public device::StandInDevice {
 protected:
  DeviceStats stats() {
    meter().collect();
    DeviceStats stats;
    meter().add_to(stats);
    return stats;
  }
  StallMeter& meter() {
    if (!meter_) meter_.emplace(device(), 2);
    return *meter_;
  }
  static StageSums copy_of(uint64_t busy_ns) {
    StageSums sums = {};
    sums[static_cast<size_t>(DeviceStage::copy)] = {.busy_ns = busy_ns, .row_count = 1};
    return sums;
  }
  // The stream stands still in between until `other` has gone on.
  void wait_for(device::Stream& reader, device::Stream& other) {
    device::Event arrived(device());
    arrived.record(other.handle());
    reader.wait_for(arrived);
    reader.synchronize();
  }
  ~StallMeterTest() override { meter_.reset(); }

  std::optional<StallMeter> meter_;
};

TEST_F(StallMeterTest, measures_nothing_where_the_batch_is_there) {
  device::Stream reader(device());
  meter().ask(reader.handle());
  meter().got(reader.handle(), 0);
  meter().note_work(0, copy_of(500'000'000));
  reader.synchronize();
  EXPECT_EQ(stats().measured_count, 1u);
  EXPECT_EQ(stats().stages[0].busy_ns, 500'000'000u);
  EXPECT_LT(stats().exposed_ns, 500'000'000u);
}

TEST_F(StallMeterTest, splits_a_wait_into_the_copys_and_the_loaders) {
  device::Stream reader(device()), other(device());
  faults_.copy_delay_us = 20'000;
  std::byte from{};
  const device::DeviceMemory to(device(), 1);
  meter().ask(reader.handle());
  reader.synchronize();  // asked before the copy begins
  device().check(device().driver().copy_to_device(to.address(), &from, 1, other.handle()),
                 "cannot");
  wait_for(reader, other);
  meter().got(reader.handle(), 3);
  reader.synchronize();
  EXPECT_EQ(stats().measured_count, 0u) << "its copy's time is not known yet";
  meter().note_work(3, copy_of(5'000'000));
  EXPECT_EQ(stats().measured_count, 1u);
  EXPECT_GE(stats().idle_ns, 20'000'000u);
  EXPECT_EQ(stats().exposed_ns, 5'000'000u);
  EXPECT_EQ(stats().in_time_count, 0u);
}

TEST_F(StallMeterTest, leaves_batches_out_while_all_marks_are_in_use) {
  device::Stream reader(device());
  device::Gate gate;
  gate.close(device(), reader.handle());
  for (uint64_t sequence = 0; sequence < 5; ++sequence) {
    meter().ask(reader.handle());
    meter().got(reader.handle(), sequence);
  }
  EXPECT_EQ(stats().measured_count, 0u);
  gate.open();
  reader.synchronize();
  meter().ask(reader.handle());
  meter().note_work(1, copy_of(1));
  EXPECT_EQ(stats().measured_count, 2u);
}

TEST_F(StallMeterTest, measures_nothing_that_could_not_be_marked) {
  device::Stream reader(device());
  faults_.event_error = 999;
  meter().ask(reader.handle());
  meter().got(reader.handle(), 0);
  EXPECT_EQ(stats().measured_count, 0u);
}

}  // namespace
}  // namespace headrace::loader

// What device_loader_test.cc cannot time: who is woken by what.
#include "headrace/loader/device_core.h"

#include <gtest/gtest.h>

#include "headrace/device/fixture.h"
#include "headrace/loader/fixture.h"
#include "headrace/loader/signal.h"

namespace headrace::loader {
namespace {

class DeviceCoreTest : public device::StandInDevice {
 protected:
  const pipeline::Plan plan_ = stamp_plan(4);
  DeviceCore core_{plan_, Options{.batch_size = 4},
                   DeviceOptions{.device = options(), .slot_count = 1}};
};

TEST_F(DeviceCoreTest, wakes_who_waits_for_a_slot_when_it_is_closed) {
  EXPECT_EQ(core_.take_slot(), 0u);
  std::jthread waiting([&] { EXPECT_EQ(core_.take_slot(), std::nullopt); });
  core_.close();
}

TEST_F(DeviceCoreTest, wakes_who_waits_for_a_batch_by_its_end_or_failure) {
  {
    std::jthread waiting([&] { EXPECT_THROW(core_.wait_for_slot(k_for_ever), Error); });
    core_.fail(Error({.action = "cannot"}));
  }
  core_.end();
  EXPECT_THROW(core_.wait_for_slot(k_for_ever), Error);
}

TEST_F(DeviceCoreTest, gives_what_is_queued_before_it_says_what_failed) {
  core_.queue(*core_.take_slot());
  core_.fail(Error({.action = "cannot"}));
  EXPECT_EQ(core_.wait_for_slot(k_for_ever).value(), 0u);
  core_.lend(0);
  EXPECT_THROW(core_.wait_for_slot(k_for_ever), Error);
}

}  // namespace
}  // namespace headrace::loader

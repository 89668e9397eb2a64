// A step in the consumer's thread, and one on a stream that it does not wait for.
#include "headrace/feed/accelerator.h"

#include <gtest/gtest.h>

#include "headrace/device/fixture.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/fixture.h"

namespace headrace::feed {
namespace {

class AcceleratorTest : public device::StandInDevice {
 protected:
  std::unique_ptr<loader::Batches> batches(bool on_device) {
    loader::Options how = loader::small(1);
    if (on_device) how.device = {.device = options()};
    return loader::make_batches(plan_, dataset_, how);
  }
  const loader::StampedDataset dataset_{64, 64};
  const pipeline::Plan plan_ = loader::stamp_plan(16);
  FakeClock clock_;
};

TEST_F(AcceleratorTest, sleeps_in_the_consumers_thread_for_batches_in_host_memory) {
  const auto lent = batches(false);
  Accelerator accelerator(*lent, clock_, 5'000'000);
  EXPECT_FALSE(accelerator.has_stream());
  const uint64_t begin_ns = clock_.now_ns();
  accelerator.step();
  EXPECT_EQ(clock_.now_ns() - begin_ns, 5'000'000u);
}

TEST_F(AcceleratorTest, gives_steps_to_a_stream_in_order_behind_the_batches_copy) {
  const auto lent = batches(true);
  Accelerator accelerator(*lent, clock_, 5'000'000);
  EXPECT_TRUE(accelerator.has_stream());
  const uint64_t begin_ns = clock_.now_ns();
  auto batch = lent->next();
  accelerator.step();
  batch.reset();
  batch = lent->next();
  accelerator.step();
  batch.reset();
  accelerator.finish();
  EXPECT_EQ(clock_.now_ns() - begin_ns, 10'000'000u);
}

TEST_F(AcceleratorTest, says_that_a_device_took_no_step) {
  const auto lent = batches(true);
  Accelerator accelerator(*lent, clock_, 5'000'000);
  faults_.submit_errors = 1;
  EXPECT_NE(error_of([&] { accelerator.step(); }).find("cannot start a step on cuda:0"),
            std::string::npos);
}

}  // namespace
}  // namespace headrace::feed

// The same loop over batches in host memory and on a device.
#include "headrace/loader/batches.h"

#include <gtest/gtest.h>

#include "headrace/device/fixture.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

class BatchesTest : public device::StandInDevice {
 protected:
  const StampedDataset dataset_{100, 50};
  const pipeline::Plan plan_ = stamp_plan(16);
};

TEST_F(BatchesTest, are_the_same_in_host_memory_and_on_a_device_and_end) {
  std::vector<std::vector<std::byte>> seen[2];
  for (const bool on_device : {false, true}) {
    Options how = small(2);
    if (on_device) how.device = {.device = options()};
    const auto batches = make_batches(plan_, dataset_, how);
    EXPECT_EQ(batches->device() != nullptr, on_device);
    while (const auto batch = batches->next()) {
      seen[on_device].push_back(batch->in_host_memory(batch->tensor(0)));
    }
    EXPECT_EQ(batches->consumer().sample_count, 100u);
    EXPECT_EQ(batches->state().epoch, 1u);
    EXPECT_FALSE(batches->next());
  }
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(BatchesTest, are_waited_for_until_a_deadline) {
  Options how = small(1);
  how.device = {.device = options()};
  io::Faults slow;
  slow.bytes_per_second = 1000;
  how.make_ring = faulty(slow);
  const auto batches = make_batches(plan_, dataset_, how);
  const auto none = batches->next_until(steady_now_ns() + 1'000'000);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), NoBatch::not_yet);
  batches->close();
  EXPECT_EQ(batches->next_until(0).error(), NoBatch::end);
}

}  // namespace
}  // namespace headrace::loader

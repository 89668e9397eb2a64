// A trainer captures its step into a CUDA graph while batches go on being read and copied: the
// capture stays whole, and so do the batches. Over the stand-in for libcuda, which refuses what a
// capture forbids.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "headrace/device/fixture.h"
#include "headrace/device/memory.h"
#include "headrace/loader/device_loader.h"
#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

class CapturedGraph : public device::StandInDevice {
 protected:
  CapturedGraph() {
    void* driver = ::dlopen(shim::stand_in_path("cuda").c_str(), RTLD_NOW);
    begin_ =
        reinterpret_cast<int (*)(shim::CuStream, int)>(::dlsym(driver, "cuStreamBeginCapture_v2"));
    end_ = reinterpret_cast<int (*)(shim::CuStream, int*)>(::dlsym(driver, "cuStreamEndCapture"));
  }
  DeviceLoader& loader() {
    if (!loader_) {
      loader_.emplace(plan_, dataset_, small(2), DeviceOptions{.device = options()});
    }
    return *loader_;
  }
  // The trainer's step: it reads the batch, on the stream that is captured.
  void step(const Batch& batch, device::Stream& stream, const device::DeviceMemory& result) {
    const auto from = reinterpret_cast<shim::CuAddress>(batch.tensor(0).bytes.data());
    loader().device()->check(
        loader().device()->driver().copy_on_device(result.address(), from, 8, stream.handle()),
        "cannot step on");
  }
  ~CapturedGraph() override { loader_.reset(); }

  int (*begin_)(shim::CuStream, int) = nullptr;
  int (*end_)(shim::CuStream, int*) = nullptr;
  const StampedDataset dataset_{400, 60};
  const pipeline::Plan plan_ = stamp_plan(16);
  std::optional<DeviceLoader> loader_;
};

TEST_F(CapturedGraph, holds_the_step_alone_while_the_loader_copies_on) {
  device::Stream stream(*loader().device());
  const device::DeviceMemory result(*loader().device(), 8);
  loader().read_next_on(stream.handle());
  std::optional<Batch> batch = loader().next();
  ASSERT_EQ(begin_(stream.handle(), 0), 0);
  step(*batch, stream, result);
  // Meanwhile the copying thread fills every slot that is free, and looks at its events.
  while (loader().device_stats().copy_count < 2) std::this_thread::yield();
  int node_count = 0;
  EXPECT_EQ(end_(stream.handle(), &node_count), 0) << "the capture was spoiled";
  EXPECT_EQ(node_count, 1);
  batch.reset();
  uint64_t row_count = 16;
  while ((batch = loader().next())) row_count += batch->row_count();
  EXPECT_EQ(row_count, 400u);
}

TEST_F(CapturedGraph, can_be_replayed_since_addresses_repeat) {
  device::Stream stream(*loader().device());
  loader().read_next_on(stream.handle());
  std::vector<const std::byte*> seen;
  while (const auto batch = loader().next()) seen.push_back(batch->tensor(0).bytes.data());
  const std::set<const std::byte*> different(seen.begin(), seen.end());
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(different.size(), 3u) << "a graph for each slot, or a copy into one input";
  for (size_t i = different.size(); i < seen.size(); ++i) {
    EXPECT_EQ(seen[i], seen[i - different.size()]) << "the order of slots is a ring";
  }
}

TEST_F(CapturedGraph, is_no_place_to_take_a_batch_and_says_so) {
  device::Stream stream(*loader().device());
  std::optional<Batch> batch = loader().next();
  ASSERT_EQ(begin_(stream.handle(), 0), 0);
  EXPECT_THAT(error_of([&] { batch->read_on(stream.handle()); }),
              testing::HasSubstr("outside of a CUDA graph's capture"));
  int node_count = 0;
  EXPECT_EQ(end_(stream.handle(), &node_count), 0);
}

}  // namespace
}  // namespace headrace::loader

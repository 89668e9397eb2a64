// Batches on the device are the loader's own, in order; copies overlap with what reads; and with
// each failure of the driver the run ends with its name and every slot comes back. Over the
// stand-in for libcuda.
#include "headrace/loader/device_loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headrace/device/fixture.h"
#include "headrace/device/stream.h"
#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

struct OnDevice {
  std::vector<uint64_t> ids = {};
  std::vector<std::byte> bytes = {};
  std::string error = {};
  bool operator==(const OnDevice&) const = default;
};

class DeviceLoaderTest : public device::StandInDevice {
 protected:
  DeviceOptions on_device(uint32_t slot_count = 3) const {
    return {.device = options(), .slot_count = slot_count};
  }

  // What a reader's stream finds in each batch.
  void read(const Batch& batch, OnDevice& seen) {
    seen.ids.insert(seen.ids.end(), batch.ids().begin(), batch.ids().end());
    for (size_t index = 0; index < batch.tensor_count(); ++index) {
      const auto bytes = batch.in_host_memory(batch.tensor(index));
      seen.bytes.insert(seen.bytes.end(), bytes.begin(), bytes.end());
    }
  }

  static std::optional<Batch> next_on(DeviceLoader& loader, const device::Stream& reader) {
    loader.read_next_on(reader.handle());
    return loader.next();
  }

  OnDevice run(const Options& options, const DeviceOptions& on) {
    OnDevice seen;
    try {
      DeviceLoader loader(plan_, dataset_, options, on);
      device::Stream reader(*loader.device());
      loader.read_next_on(reader.handle());
      while (const auto batch = loader.next()) read(*batch, seen);
    } catch (const Error& error) {
      seen.error = error.what();
    }
    return seen;
  }

  OnDevice run_in_host_memory(const Options& options) {
    OnDevice seen;
    Loader loader(plan_, dataset_, options);
    while (const auto batch = loader.next()) {
      seen.ids.insert(seen.ids.end(), batch->ids().begin(), batch->ids().end());
      for (size_t index = 0; index < batch->tensor_count(); ++index) {
        const auto bytes = batch->tensor(index).bytes;
        seen.bytes.insert(seen.bytes.end(), bytes.begin(), bytes.end());
      }
    }
    return seen;
  }

  const StampedDataset dataset_{200, 60};
  const pipeline::Plan plan_ = stamp_plan(16);
};

TEST_F(DeviceLoaderTest, gives_the_loaders_own_batches_for_any_slots_and_workers) {
  const OnDevice expected = run_in_host_memory(small(1));
  for (const uint32_t slot_count : {2u, 3u, 8u}) {
    for (const uint32_t workers : {1u, 4u}) {
      EXPECT_TRUE(run(small(workers), on_device(slot_count)) == expected) << slot_count;
    }
  }
}

TEST_F(DeviceLoaderTest, copies_the_next_batch_while_the_reader_works_on_this_one) {
  DeviceLoader loader(plan_, dataset_, small(1), on_device());
  device::Stream reader(*loader.device()), other(*loader.device());
  device::Gate gate;
  auto first = next_on(loader, reader);
  gate.close(*loader.device(), reader.handle());  // the reader's step does not end
  auto second = next_on(loader, other);
  device::Event there(*loader.device());
  there.record(other.handle());
  there.wait();  // for ever, if the copy waited for the reader
  EXPECT_EQ(second->sequence(), 1u);
  gate.open();
}

TEST_F(DeviceLoaderTest, resumes_behind_the_last_batch_that_was_given_not_copied) {
  const OnDevice expected = run_in_host_memory(small(1));
  OnDevice seen;
  Options rest = small(1);
  {
    DeviceLoader loader(plan_, dataset_, small(1), on_device());
    device::Stream reader(*loader.device());
    for (int count = 0; count < 3; ++count) {
      read(*next_on(loader, reader), seen);
    }
    rest.first_epoch = loader.state().epoch;
    rest.first_position = loader.state().position;
  }
  const OnDevice others = run(rest, on_device());
  seen.ids.insert(seen.ids.end(), others.ids.begin(), others.ids.end());
  EXPECT_EQ(seen.ids, expected.ids);
}

TEST_F(DeviceLoaderTest, says_that_the_reader_holds_every_batch_instead_of_waiting) {
  DeviceLoader loader(plan_, dataset_, small(1), on_device(2));
  device::Stream reader(*loader.device());
  auto first = next_on(loader, reader);
  const auto second = next_on(loader, reader);
  EXPECT_THAT(error_of([&] { next_on(loader, reader); }), HasSubstr("holds all 2 batches"));
  first.reset();
  EXPECT_EQ(next_on(loader, reader)->sequence(), 2u);
}

TEST_F(DeviceLoaderTest, lets_a_batch_outlive_it) {
  std::optional<Batch> kept;
  {
    DeviceLoader loader(plan_, dataset_, small(1), on_device());
    kept = loader.next();
  }
  EXPECT_EQ(kept->ids().size(), 16u);
  EXPECT_NE(kept->tensor(0).bytes.data(), nullptr);
}

TEST_F(DeviceLoaderTest, ends_at_once_when_closed_with_batches_under_way) {
  DeviceLoader loader(plan_, dataset_, small(2), on_device());
  device::Stream reader(*loader.device());
  const auto batch = next_on(loader, reader);
  loader.close();
  EXPECT_FALSE(next_on(loader, reader));
}

TEST_F(DeviceLoaderTest, gives_what_was_copied_before_a_copy_failed_and_then_the_error) {
  for (const int nth : {1, 2, 5}) {
    faults_.reset();
    faults_.fail_nth = nth;
    DeviceLoader loader(plan_, dataset_, small(2), on_device(8));
    uint64_t count = 0;
    const std::string error = error_of([&] {
      while (loader.next()) ++count;
    });
    EXPECT_EQ(count, static_cast<uint64_t>(nth - 1));
    EXPECT_THAT(error, HasSubstr("cannot copy a batch to cuda:0 (stand-in)"));
    EXPECT_EQ(error_of([&] { loader.next(); }), error) << "the second time";
  }
}

TEST_F(DeviceLoaderTest, ends_when_the_device_is_lost_with_batches_under_way_and_leased) {
  for (const int nth : {1, 2, 4, 7}) {
    faults_.reset();
    faults_.fail_nth = nth;
    faults_.fail_code = 719;  // and every call from then on
    EXPECT_THAT(run(small(2), on_device()).error, HasSubstr("CUDA_ERROR_LAUNCH_FAILED")) << nth;
    EXPECT_EQ(faults_.handles, 0);
    EXPECT_EQ(faults_.buffers, 0);
  }
}

TEST_F(DeviceLoaderTest, says_what_could_not_be_taken_or_made_at_its_start) {
  faults_.memory_error = shim::k_cu_out_of_memory;
  EXPECT_THAT(run(small(1), on_device()).error, HasSubstr("cannot take"));
  faults_.reset();
  faults_.buffer_error = shim::k_cu_out_of_memory;
  EXPECT_THAT(run(small(1), on_device()).error, HasSubstr("cannot pin"));
  faults_.reset();
  faults_.driver_error = 999;
  EXPECT_THAT(run(small(1), on_device()).error, HasSubstr("cannot open the device"));
  EXPECT_THAT(run(small(1), {.device = {.library = "libnowhere.so"}}).error,
              HasSubstr("install NVIDIA's driver"));
}

TEST_F(DeviceLoaderTest, ends_when_events_cannot_be_recorded) {
  faults_.event_error = 999;
  EXPECT_THAT(run(small(1), on_device()).error, HasSubstr("error 999"));
}

TEST_F(DeviceLoaderTest, passes_the_loaders_own_error_on) {
  const pipeline::Plan failing = stamp_plan(16, [](uint64_t id) { return id == 40; });
  DeviceLoader loader(failing, dataset_, small(1), on_device());
  EXPECT_THAT(error_of([&] {
                while (loader.next()) {
                }
              }),
              HasSubstr("cannot make sample 40"));
}

TEST_F(DeviceLoaderTest, counts_what_it_copied_and_gave) {
  DeviceLoader loader(plan_, dataset_, small(1), on_device());
  while (loader.next()) {
  }
  EXPECT_EQ(loader.consumer().batch_count, 13u);
  EXPECT_EQ(loader.consumer().sample_count, 200u);
  EXPECT_EQ(loader.device_stats().copy_count, 13u);
  EXPECT_EQ(loader.device_stats().copied_bytes, 13 * plan_.slot_bytes);
}

}  // namespace
}  // namespace headrace::loader

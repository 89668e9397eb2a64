// Batches of a Loader on a CUDA device: a thread copies each as soon as it is whole, and readers
// wait for copies on the device.
// Thread safety: next() and state() belong to one consumer thread, whose current context is the
// device's; close() and a lease's end to any. Invariants: 1. order and bits are the Loader's; 2. no
// consumer's thread waits for a copy, and no copy for more than its slot's reader; 3. memory is the
// Loader's and slot_count batches on the device; 4. a DeviceBatch may outlive its loader, but not
// the plan.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "headrace/device/device.h"
#include "headrace/device/memory.h"
#include "headrace/loader/loader.h"

namespace headrace::loader {

struct DeviceCore;
struct Arrival;

struct DeviceOptions {
  device::DeviceOptions device = {};
  uint32_t slot_count = 3;  // batches on the device: the consumer's, the next, one being copied
};

// Row-major, rows contiguous, on the device. Borrowed from the batch.
struct DeviceTensor {
  std::string_view name;
  ops::Type type = ops::Type::uint8;
  std::vector<uint64_t> shape;
  shim::CuAddress address = 0;
};

// A lease of one batch. At its end the slot goes back behind the work that its reader's stream has
// by then, so that stream must live as long; other streams must be ordered before it first.
class DeviceBatch {
 public:
  DeviceBatch(DeviceBatch&& other) noexcept;
  DeviceBatch& operator=(DeviceBatch&& other) noexcept;
  ~DeviceBatch();

  uint64_t sequence() const;
  uint64_t epoch() const;
  uint32_t row_count() const;
  std::span<const uint64_t> ids() const;  // in host memory
  size_t tensor_count() const;
  DeviceTensor tensor(size_t index) const;

 private:
  friend class DeviceLoader;
  DeviceBatch(DeviceCore* core, uint32_t slot_index) : core_(core), slot_index_(slot_index) {}
  DeviceCore* core_;
  uint32_t slot_index_;
  std::optional<shim::CuStream> reader_;
};

// Who waited for whom. The thread that copies waits for batches (the loader is short), for copies
// (the link is), or for slots (the consumer is, and all is well).
struct DeviceStats {
  uint64_t batch_count = 0;
  uint64_t copied_bytes = 0;
  uint64_t consumer_wait_ns = 0;
  uint64_t batch_wait_ns = 0;
  uint64_t copy_wait_ns = 0;
  uint64_t slot_wait_ns = 0;
};

class DeviceLoader {
 public:
  // Starts reading and copying at once. Throws Error.
  DeviceLoader(const pipeline::Plan& plan, const formats::Dataset& dataset, const Options& options,
               const DeviceOptions& device);
  ~DeviceLoader();

  // The next batch, in order; nothing after the last. Work that `reader` gets from now on starts
  // when the batch is there. Blocks until its copy has begun; throws Error.
  std::optional<DeviceBatch> next(shim::CuStream reader);
  // Where a new loader has to begin so that it goes on after the last batch that next() gave.
  order::State state() const { return state_; }
  void close();

  DeviceStats stats() const;
  const Loader& loader() const { return loader_; }
  const device::Device& device() const;

 private:
  void run();
  void copy_all();
  void note_arrival(const Batch& batch, Arrival& arrival) const;

  struct LetGo {
    void operator()(DeviceCore* core) const;
  };
  std::unique_ptr<DeviceCore, LetGo> core_;
  Loader loader_;
  device::PinnedRange pinned_;
  order::State state_;
  std::jthread copier_;
};

}  // namespace headrace::loader

// Batches of a Loader on a CUDA device: a thread copies each as soon as it is whole, and readers
// wait for copies on the device.
// Thread safety: as Batches; device_stats() is the consumer thread's too. Invariants: 1. order and
// bits are the Loader's; 2. no consumer's thread waits for a copy, and no copy for more than its
// slot's readers; 3. memory is the Loader's and slot_count batches on the device; 4. a Batch may
// outlive its loader, but not the plan; 5. a thread's current context stays what it was.
#pragma once

#include <memory>
#include <optional>
#include <thread>

#include "headrace/device/device.h"
#include "headrace/device/memory.h"
#include "headrace/loader/loader.h"

namespace headrace::loader {

struct DeviceCore;
struct Arrival;
class DeviceRows;

class DeviceLoader final : public Batches {
 public:
  // Starts reading and copying at once. Throws Error.
  DeviceLoader(const pipeline::Plan& plan, const formats::Dataset& dataset, const Options& options,
               const DeviceOptions& device);
  ~DeviceLoader() override;

  std::expected<Batch, NoBatch> next_until(uint64_t deadline_ns) override;
  order::State state() const override { return state_; }
  void close() override;

  const Loader& loader() const override { return loader_; }
  const ConsumerStats& consumer() const override;
  const device::Device* device() const override;
  void read_next_on(shim::CuStream reader) override { reader_ = reader; }
  DeviceStats device_stats() const override;
  double device_share(size_t field_index) const override;
  const std::string& why_not_on_device() const override;

 private:
  void run();
  void copy_all();
  void note_arrival(const Batch& batch, uint32_t row_count, Arrival& arrival) const;

  struct LetGo {
    void operator()(DeviceCore* core) const;
  };
  std::unique_ptr<DeviceCore, LetGo> core_;
  std::unique_ptr<DeviceRows> rows_;
  Loader loader_;
  std::optional<device::PinnedRange> pinned_, pinned_deferred_;
  std::optional<shim::CuStream> reader_;
  uint64_t waiting_since_ns_ = 0;  // 0 = no call of next_until() is unanswered
  order::State state_;
  std::jthread copier_;
};

}  // namespace headrace::loader

// What a DeviceLoader, its copying thread and its leased batches share.
// Who writes what: the copying thread fills an arrival and queues its slot; the consumer takes it
// from there; a lease's end gives the slot back. Invariants: 1. a slot is free, being filled,
// queued or leased. 2. Nobody waits once the run has ended, failed or been closed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "headrace/device/slots.h"
#include "headrace/loader/device_loader.h"

namespace headrace::loader {

// What is known of the batch in a slot.
struct Arrival {
  uint64_t sequence = 0;
  uint64_t epoch = 0;
  uint32_t row_count = 0;
  uint64_t epoch_after = 0;
  uint64_t position_after = 0;
  std::vector<uint64_t> ids;      // never grows
  std::vector<uint64_t> leading;  // first dimension of each tensor
};

struct DeviceCore {
  DeviceCore(const pipeline::Plan& plan_, uint32_t batch_size, const DeviceOptions& options);

  const pipeline::Plan& plan;
  device::Device device;
  device::DeviceSlots slots;
  std::vector<Arrival> arrivals;  // by slot

  // The copying thread's side. Nothing once the loader closes.
  std::optional<uint32_t> take_slot();
  void queue(uint32_t slot_index);
  void end();
  void fail(Error error);  // after what is queued; the first one counts
  // The consumer's side: the next slot, now leased; nothing at the end. Throws Error.
  std::optional<uint32_t> wait_for_slot();
  void end_lease(uint32_t slot_index, std::optional<shim::CuStream> reader) noexcept;
  void close();

  // As loader/core.h: the loader is one owner and each lease another.
  void share() { owner_count_.fetch_add(1, std::memory_order_relaxed); }
  void let_go();

  // Each written by one thread.
  std::atomic<uint64_t> batch_count{0}, copied_bytes{0}, consumer_wait_ns{0}, copy_wait_ns{0},
      slot_wait_ns{0};

 private:
  Error all_held() const;

  std::atomic<uint32_t> owner_count_{1};
  std::mutex mutex_;  // guards what follows; taken a few times a batch
  std::condition_variable changed_;
  std::vector<uint32_t> queued_;  // slots, in order; at most all of them
  uint32_t leased_count_ = 0;
  bool ended_ = false;
  bool closing_ = false;
  std::optional<Error> failure_;
};

}  // namespace headrace::loader

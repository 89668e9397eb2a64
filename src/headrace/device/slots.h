// Batches in device memory: each slot an address that never changes and events: `started` and
// `arrived` around its copy, and a `consumed` for each stream that read it.
// Thread safety: take() and give_back() any thread; send() and wait_for_copy() one thread,
// hold_up() one other. Invariants: 1. a slot is free or has one owner; it comes back even when the
// device is lost. 2. a copy into a slot starts after its readers, by the device's own order: no
// thread waits for a reader. 3. memory is slot_count * slot_bytes, taken at birth.
#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "headrace/device/memory.h"
#include "headrace/device/stream.h"

namespace headrace::device {

// Streams that may read one batch.
inline constexpr uint32_t k_reader_count_max = 4;

struct DeviceSlotsOptions {
  uint32_t slot_count = 2;
  size_t slot_bytes = 0;
};

class DeviceSlots {
 public:
  DeviceSlots(const Device& device, const DeviceSlotsOptions& options);  // throws Error
  ~DeviceSlots();  // after all work on the device, readers' too
  DeviceSlots(DeviceSlots&&) = delete;

  uint32_t count() const { return static_cast<uint32_t>(slots_.size()); }
  uint32_t free_count() const;
  shim::CuAddress address(uint32_t slot_index) const;
  std::optional<uint32_t> take();
  // Starts the copy. `source` must stay until wait_for_copy(), or until finish(). Throws Error.
  void send(uint32_t slot_index, std::span<const std::byte> source);
  // The same in pieces, and other work on stream() between the begin and the end, behind the slot's
  // readers and before `arrived`. Throw Error.
  void begin_send(uint32_t slot_index);
  void send_part(uint32_t slot_index, size_t offset_bytes, std::span<const std::byte> source);
  void end_send(uint32_t slot_index);
  Stream& stream() { return copies_; }
  void wait_for_copy(uint32_t slot_index) const;  // this thread sleeps; throws Error
  bool has_arrived(uint32_t slot_index) const;
  double copy_seconds(uint32_t slot_index) const;  // of the last one, which is done; throws Error
  void finish() noexcept;  // no copy is under way after it, whatever the device says
  // Work that `reader` gets from now on starts after the copy. Throws Error.
  void hold_up(shim::CuStream reader, uint32_t slot_index) const;
  // The work that these have so far is the last that uses the slot.
  void give_back(uint32_t slot_index, std::span<const shim::CuStream> readers) noexcept;
  void give_back(uint32_t slot_index, shim::CuStream reader) noexcept {
    give_back(slot_index, {&reader, 1});
  }
  void give_back_unread(uint32_t slot_index) noexcept;

 private:
  struct Slot {
    Event started, arrived;
    std::array<Event, k_reader_count_max> consumed;
    uint32_t reader_count = 0;
  };
  const Device& device_;
  size_t stride_bytes_;
  DeviceMemory memory_;
  Stream copies_;
  std::vector<Slot> slots_;
  std::atomic<int> refusal_{0};  // the driver's first, of a call that could not throw
  mutable std::mutex mutex_;     // guards free_; held for a push or a pop, once a batch
  std::vector<uint32_t> free_;
};

}  // namespace headrace::device

// What a DeviceLoader, its copying thread and its leased batches share.
// Who writes what: the copying thread fills an arrival and queues its slot; the consumer takes it
// from there; a lease's end gives the slot back. Invariants: 1. a slot is free, being filled,
// queued or leased. 2. Nobody waits once the run has ended, failed or been closed.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "headrace/device/slots.h"
#include "headrace/loader/device_loader.h"
#include "headrace/loader/slot_life.h"
#include "headrace/loader/stall_meter.h"
#include "headrace/shim/nvtx.h"

namespace headrace::loader {

// What is known of the batch in a slot.
struct Arrival {
  uint64_t sequence = 0;
  uint64_t epoch = 0;
  uint32_t row_count = 0;
  uint64_t epoch_after = 0;
  uint64_t position_after = 0;
  SlotLife life;
  std::vector<uint64_t> ids;      // never grows
  std::vector<uint64_t> leading;  // first dimension of each tensor
  // Who reads it, since it was lent.
  std::array<shim::CuStream, device::k_reader_count_max> readers = {};
  uint32_t reader_count = 0;
  bool has_unseen_reader = false;

  std::span<const shim::CuStream> known_readers() const {
    return std::span(readers).first(reader_count);
  }
};

struct DeviceCore final : Lender {
  DeviceCore(const pipeline::Plan& plan_, const Options& loader, const DeviceOptions& options);

  const pipeline::Plan& plan;
  device::Device device;
  device::DeviceSlots slots;
  std::vector<Arrival> arrivals;  // by slot
  StallMeter stalls;
  ConsumerStats consumer;
  const shim::Nvtx& profiler = shim::Nvtx::of_process();
  observe::Trace* const trace;
  const observe::Tracer copier_tracer, consumer_tracer;
  std::vector<observe::Tracer> slot_tracers;  // none without a trace

  // The copying thread's side. Nothing once the loader closes.
  std::optional<uint32_t> take_slot();
  void queue(uint32_t slot_index);
  void end();
  void fail(Error error);  // after what is queued; the first one counts
  // The consumer's side: the next slot, now leased. Throws Error.
  std::expected<uint32_t, NoBatch> wait_for_slot(uint64_t deadline_ns);
  Batch lend(uint32_t slot_index);
  void end_lease(uint32_t slot_index) noexcept override;
  void read_on(uint32_t slot_index, shim::CuStream reader) override;
  void read_unseen(uint32_t slot_index) override;
  void copy_out(uint32_t slot_index, std::span<const std::byte> from,
                std::span<std::byte> to) const override;
  void close();
  void trace_life(uint32_t slot_index);
  uint64_t traced_ns() const { return trace == nullptr ? 0 : steady_now_ns(); }

  // As loader/core.h: the loader is one owner and each lease another.
  void share() { owner_count_.fetch_add(1, std::memory_order_relaxed); }
  void let_go();

  // Each written by one thread.
  std::atomic<uint64_t> copied_bytes{0}, copy_wait_ns{0}, slot_wait_ns{0};

 private:
  Error all_held() const;
  Error too_many_readers() const;

  std::atomic<uint32_t> owner_count_{1};
  std::mutex mutex_;  // guards what follows and who reads an arrival; taken a few times a batch
  std::condition_variable changed_;
  std::vector<uint32_t> queued_;  // slots, in order; at most all of them
  uint32_t leased_count_ = 0;
  bool ended_ = false;
  bool closing_ = false;
  std::optional<Error> failure_;
};

}  // namespace headrace::loader

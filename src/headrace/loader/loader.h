// Batches in order: made ahead, decoded in place, handed out as leases.
// Thread safety: as Batches; stats() and counts any thread. Invariants: (1) a batch is the same bit
// for bit whatever the workers, the engine or the timing; (2) memory is bounded by slots + read
// buffer + scratch; (3) a Batch may outlive its Loader, but not the plan.
#pragma once

#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/io/ring.h"
#include "headrace/loader/batches.h"
#include "headrace/pipeline/plan.h"

namespace headrace::loader {

struct Core;

class Loader final : public Batches {
 public:
  // Borrows the plan and the data set. Starts reading at once. Throws Error.
  Loader(const pipeline::Plan& plan, const formats::Dataset& dataset, const Options& options);
  ~Loader() override;

  std::expected<Batch, NoBatch> next_until(uint64_t deadline_ns) override;
  order::State state() const override;
  void close() override;
  const Loader& loader() const override { return *this; }
  const ConsumerStats& consumer() const override;

  const pipeline::Plan& plan() const;
  const Stats& stats() const;
  io::RingInfo ring_info() const;
  uint64_t queued_entries() const;  // reads that wait for a worker, now
  // Four reads a worker: with as many waiting, no worker runs dry before the feeder has looked
  // again.
  uint64_t queue_capacity() const;
  uint32_t ready_batches() const;  // whole batches that wait for the consumer, now
  uint32_t prefetch_batches() const;
  size_t memory_bytes() const;  // slots, read buffer, and data held for this loader alone
  std::vector<Skipped> skipped() const;
  std::span<std::byte> batch_memory() const;     // that all batches lie in, for who must pin it
  std::span<std::byte> deferred_memory() const;  // and rows that a device makes; may be empty

 private:
  friend class DeviceLoader;  // whose rows may be made late
  struct LetGo {
    void operator()(Core* core) const;
  };
  std::unique_ptr<Core, LetGo> core_;
  uint64_t next_sequence_ = 0;
  uint64_t waiting_since_ns_ = 0;  // 0 = no call of next_until() is unanswered
  order::State state_;
  std::vector<std::jthread> threads_;  // the feeder first
};

}  // namespace headrace::loader

// Batches in order: made ahead, decoded in place, handed out as leases.
// Thread safety: next(), state() and stats() belong to one consumer thread; close() and a lease's
// end to any. Invariants: (1) a batch is the same bit for bit whatever the workers, the engine or
// the timing; (2) memory is bounded by slots + read buffer + scratch; (3) a Batch may outlive its
// Loader, but not the plan.
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <thread>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/io/ring.h"
#include "headrace/loader/options.h"
#include "headrace/loader/stats.h"
#include "headrace/order/state.h"
#include "headrace/pipeline/plan.h"

namespace headrace::loader {

struct Core;
class Loader;

// Row-major, rows contiguous; `shape` starts with the batch's row count. Borrowed from the batch.
struct Tensor {
  std::string_view name;
  ops::Type type = ops::Type::uint8;
  std::vector<uint64_t> shape;
  std::span<std::byte> bytes;
};

// A lease of one whole batch; its memory goes back when it dies. Moves, does not copy.
class Batch {
 public:
  Batch(Batch&& other) noexcept;
  Batch& operator=(Batch&& other) noexcept;
  ~Batch();

  uint64_t sequence() const;  // 0, 1, ... of this run
  uint64_t epoch() const;
  uint32_t row_count() const;  // the last batch of an epoch, or one with skipped rows, is shorter
  std::span<const uint64_t> ids() const;  // sample ids, a row each
  size_t tensor_count() const;
  Tensor tensor(size_t index) const;  // one a field, in the job's order
  // All tensors, as pipeline/plan.h lays them out.
  std::span<const std::byte> bytes() const;

 private:
  friend class Loader;
  Batch(Core* core, uint32_t slot_index) : core_(core), slot_index_(slot_index) {}
  Core* core_;
  uint32_t slot_index_;
};

class Loader {
 public:
  // Borrows the plan and the data set. Starts reading at once. Throws Error.
  Loader(const pipeline::Plan& plan, const formats::Dataset& dataset, const Options& options);
  ~Loader();

  // The next batch, in order; nothing after the last. Blocks; throws the Error of the sample, file
  // or thread that failed, when its batch's turn has come.
  std::optional<Batch> next();
  // The same, but no later than the deadline (steady_now_ns): for a consumer that must look up in
  // between. A wait in several calls counts as one.
  std::expected<Batch, NoBatch> next_until(uint64_t deadline_ns);
  // Where a new loader has to begin so that it goes on after the last batch that next() gave.
  order::State state() const;
  // Stops and joins every thread, in the middle of an epoch too. next() gives nothing afterwards.
  void close();

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
  std::span<std::byte> batch_memory() const;  // that all batches lie in, for who must pin it

 private:
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

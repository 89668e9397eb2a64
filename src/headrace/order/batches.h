// Which positions of the global order make up batch k of one rank, for the rest of one epoch.
// Thread safety: an immutable value. Invariants: (1) global batch s is the positions from
// start + s * batch_size * world_size on, and rank r has every world_size-th of them, from the r-th
// on; so (2) the ranks' rows, taken in turn, are the global order, whatever the world size and
// batch size; (3) in runs, rank r of a full global batch has the r-th batch_size of them instead.
#pragma once

#include <cstdint>
#include <span>

namespace headrace::order {

// What becomes of an epoch's last global batch when fewer samples remain than it holds.
// short_: the remaining samples are dealt out; ranks' sizes differ by at most one, no batch is
// empty, and where fewer
//         samples than ranks remain, the ranks left without one have one batch less than the
//         others.
// drop:   the remaining samples are left out; all ranks have equally many batches, all full.
// pad:    the batch is filled with the epoch's first positions again; all ranks have equally many
// batches, all full.
enum class LastBatch { short_, drop, pad };
const char* name_of(LastBatch last);

struct BatchOptions {
  uint64_t sample_count = 0;
  uint64_t batch_size = 1;  // rows on each rank
  uint64_t world_size = 1;
  uint64_t rank = 0;
  LastBatch last = LastBatch::short_;
  bool in_runs = false;  // for orders in which neighbors lie side by side on the store
  uint64_t start_position =
      0;  // of the global order: where a resumed epoch goes on; sample_count = nothing left
};

class BatchPlan {
 public:
  explicit BatchPlan(const BatchOptions& options);
  uint64_t batch_count() const { return batch_count_; }  // of this rank
  uint64_t row_count(uint64_t batch_index) const;        // of this rank's batch; 1 .. batch_size
  uint64_t position(uint64_t batch_index, uint64_t row) const;  // < sample_count
  // The positions of a batch's rows in turn; rows.size() == row_count(batch_index).
  void positions(uint64_t batch_index, std::span<uint64_t> rows) const;
  // Where a run goes on once every rank has consumed batch k. After the last one (and its padding,
  // or what was dropped) this is sample_count: the next epoch.
  uint64_t position_after(uint64_t batch_index) const;

 private:
  struct Rows {
    uint64_t first_position, step;
  };
  Rows rows_of(uint64_t batch_index) const;  // of this rank, before they begin anew for padding
  uint64_t first_position(uint64_t batch_index) const;

  BatchOptions options_;
  uint64_t global_batch_size_;
  uint64_t global_batch_count_;  // over all ranks
  uint64_t batch_count_;
};

}  // namespace headrace::order

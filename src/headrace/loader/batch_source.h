// Which samples make up the next batch of this rank, epoch after epoch: the feeder's way into the
// order. Thread safety: the feeder's own. Memory: one epoch's order, O(1), or O(shards) for a
// window shuffle.
#pragma once

#include <memory>
#include <optional>

#include "headrace/formats/dataset.h"
#include "headrace/loader/options.h"
#include "headrace/loader/slots.h"
#include "headrace/order/batches.h"
#include "headrace/order/blend.h"
#include "headrace/order/order.h"

namespace headrace::loader {

// The samples that a loader of these options gives in an epoch, over all its ranks.
struct SampleRun {
  uint64_t first_sample = 0;
  uint64_t sample_count = 0;
};
SampleRun samples_of(const formats::Dataset& dataset, const Options& options);

class BatchSource {
 public:
  BatchSource(const formats::Dataset& dataset, const Options& options);
  // Sets the slot's sequence, epoch, ids, places, row count and the place behind it; false after
  // the last epoch.
  bool fill(Slot& slot);
  bool has_next();  // a batch to fill
  // Without a blend. Of any epoch: a slot's may be over while its rows are still being planned.
  order::EpochOrder order_of(uint64_t epoch) const { return order_->epoch(epoch); }
  uint64_t filled_count() const { return filled_count_; }

 private:
  void find_places(std::span<const uint64_t> positions, std::span<uint64_t> places) const;
  void turn_into_ids(std::span<uint64_t> positions);
  bool open_epoch(uint64_t epoch, uint64_t first_position);  // false: this rank has no batch in it

  const Options& options_;
  SampleRun run_;
  const uint64_t copy_count_;            // of the data set; each holds every sample
  std::unique_ptr<order::Order> order_;  // an epoch's order borrows from it
  std::optional<order::EpochOrder> epoch_order_;
  std::optional<order::Blend> blend_;  // instead of both
  std::optional<order::BatchPlan> batches_;
  uint64_t epoch_;
  uint64_t batch_index_ = 0;  // in batches_
  uint64_t filled_count_ = 0;
};

}  // namespace headrace::loader

// Epochs into batches into ids.
#include "headrace/loader/batch_source.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/error.h"

namespace headrace::loader {
namespace {

// Where the run's files begin, counted from its first sample; then its end.
std::vector<uint64_t> first_samples_in(const formats::Dataset& dataset, SampleRun run) {
  const uint64_t end = run.first_sample + run.sample_count;
  std::vector<uint64_t> firsts = {0};
  for (uint64_t file = 0; file < dataset.file_count(); ++file) {
    const uint64_t first = dataset.first_sample(file);
    if (first <= run.first_sample || first >= end) continue;
    firsts.push_back(first - run.first_sample);
  }
  firsts.push_back(run.sample_count);
  return firsts;
}

order::BlendOptions blend_options(const formats::Dataset& dataset, const Options& options) {
  order::BlendOptions blend{.parts = options.blend,
                            .epoch_samples = options.blend_samples,
                            .shuffle = options.shuffle,
                            .seed = options.seed,
                            .window_samples = options.window_samples};
  if (options.shuffle != order::Shuffle::window) return blend;
  for (order::BlendPart& part : blend.parts) {
    part.first_samples = first_samples_in(dataset, {part.first_sample, part.sample_count});
  }
  return blend;
}

order::OrderOptions order_options(const formats::Dataset& dataset, const Options& options) {
  const SampleRun run = samples_of(dataset, options);
  order::OrderOptions order{.sample_count = run.sample_count,
                            .shuffle = options.shuffle,
                            .seed = options.seed,
                            .window_samples = options.window_samples,
                            .copy_count = dataset.copies().count,
                            .copy_seed = dataset.copies().seed};
  if (options.shuffle == order::Shuffle::window) {
    order.first_samples = first_samples_in(dataset, run);
  }
  return order;
}

}  // namespace

SampleRun samples_of(const formats::Dataset& dataset, const Options& options) {
  if (!options.blend.empty()) return {.first_sample = 0, .sample_count = options.blend_samples};
  const uint64_t count = dataset.distinct_sample_count() / options.part_count;
  if (count == 0) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot divide the data set",
                 .cause = fmt::format("{} samples into {} parts", dataset.sample_count(),
                                      options.part_count),
                 .hint = "lower dataset.parts"});
  }
  return {.first_sample = options.part * count, .sample_count = count};
}

BatchSource::BatchSource(const formats::Dataset& dataset, const Options& options)
    : options_(options),
      run_(samples_of(dataset, options)),
      copy_count_(dataset.copies().count),
      epoch_(options.first_epoch) {
  HR_CHECK((copy_count_ > 1) == (options.shuffle == order::Shuffle::copies), "{} copies, {}",
           copy_count_, name_of(options.shuffle));
  if (options.blend.empty()) {
    order_ = std::make_unique<order::Order>(order_options(dataset, options));
  } else {
    blend_.emplace(blend_options(dataset, options));
  }
  if (!open_epoch(epoch_, options.first_position) && options.first_position == 0) {
    throw Error(
        {.code = Code::invalid_argument,
         .action = "cannot make a single batch",
         .cause = fmt::format("{} samples, batch {}, {} ranks, last = \"{}\"", run_.sample_count,
                              options.batch_size, options.world_size, name_of(options.last_batch)),
         .hint = "lower batch.size or set batch.last = \"short\" or \"pad\""});
  }
}

bool BatchSource::open_epoch(uint64_t epoch, uint64_t first_position) {
  if (order_) epoch_order_.emplace(order_->epoch(epoch));
  batches_.emplace(order::BatchOptions{.sample_count = run_.sample_count,
                                       .batch_size = options_.batch_size,
                                       .world_size = options_.world_size,
                                       .rank = options_.rank,
                                       .last = options_.last_batch,
                                       .in_runs = copy_count_ > 1,
                                       .start_position = first_position});
  epoch_ = epoch;
  batch_index_ = 0;
  return batches_->batch_count() > 0;
}

bool BatchSource::has_next() {
  while (batch_index_ == batches_->batch_count()) {
    const uint64_t epochs_done = epoch_ + 1 - options_.first_epoch;
    if (options_.epoch_count != 0 && epochs_done >= options_.epoch_count) return false;
    if (!open_epoch(epoch_ + 1, 0)) return false;
  }
  return true;
}

bool BatchSource::fill(Slot& slot) {
  if (!has_next()) return false;
  slot.sequence = filled_count_++;
  slot.epoch = epoch_;
  slot.row_count = static_cast<uint32_t>(batches_->row_count(batch_index_));
  const auto ids = std::span(slot.ids).first(slot.row_count);
  batches_->positions(batch_index_, ids);
  if (copy_count_ > 1) find_places(ids, slot.places);
  turn_into_ids(ids);
  if (copy_count_ == 1) std::ranges::copy(ids, slot.places.begin());
  slot.first_position = batches_->position(batch_index_, 0);
  slot.position_after = batches_->position_after(batch_index_);
  slot.epoch_after = slot.epoch;
  if (slot.position_after >= run_.sample_count) {
    slot.epoch_after = slot.epoch + 1;
    slot.position_after = 0;
  }
  ++batch_index_;
  return true;
}

// Copies lie one behind the other, each in the order in which its epochs want it.
void BatchSource::find_places(std::span<const uint64_t> positions,
                              std::span<uint64_t> places) const {
  const uint64_t first_place = epoch_ % copy_count_ * run_.sample_count;
  std::ranges::transform(positions, places.begin(),
                         [&](uint64_t position) { return first_place + position; });
}

void BatchSource::turn_into_ids(std::span<uint64_t> positions) {
  if (blend_) return blend_->samples_at(epoch_, positions);
  epoch_order_->samples_at(positions);
  for (uint64_t& id : positions) id += run_.first_sample;
}

}  // namespace headrace::loader

// Look-ups in the order of one epoch. Each use of the epoch's key is hashed with a number of its
// own.
#include "headrace/order/epoch_order.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/hash.h"

namespace headrace::order {
namespace {

enum KeyUse : uint64_t { k_of_samples, k_of_shards, k_of_windows, k_of_phase };

uint64_t permuted_count(const EpochOptions& options) {
  return options.shuffle == Shuffle::window ? options.first_samples.size() - 1
                                            : options.sample_count;
}
KeyUse permuted_use(const EpochOptions& options) {
  return options.shuffle == Shuffle::window ? k_of_shards : k_of_samples;
}

// The last index whose first is not behind `value`: with empty shards, the one that holds it.
uint64_t holder_of(std::span<const uint64_t> firsts, uint64_t value) {
  return static_cast<uint64_t>(std::ranges::upper_bound(firsts, value) - firsts.begin()) - 1;
}

}  // namespace

const char* name_of(Shuffle shuffle) {
  switch (shuffle) {
    case Shuffle::none:
      return "none";
    case Shuffle::global:
      return "global";
    case Shuffle::window:
      return "window";
    case Shuffle::megatron:
      return "megatron";
    case Shuffle::copies:
      return "copies";
  }
  return "?";
}

EpochOrder::EpochOrder(const EpochOptions& options)
    : options_(options),
      permutation_(permuted_count(options), mix64(options.epoch_key, permuted_use(options))) {
  HR_CHECK(options.shuffle != Shuffle::copies, "of one copy there is another name");
  if (options.shuffle == Shuffle::window) order_shards();
}

void EpochOrder::order_shards() {
  const uint64_t shard_count = permutation_.count();
  first_positions_.reserve(shard_count + 1);
  shards_.reserve(shard_count);
  uint64_t position = 0;
  for (uint64_t turn = 0; turn < shard_count; ++turn) {
    first_positions_.push_back(position);
    const uint64_t shard_index = permutation_.at(turn);
    shards_.push_back(shard_index);
    position += options_.first_samples[shard_index + 1] - options_.first_samples[shard_index];
  }
  first_positions_.push_back(position);
  window_key_ = mix64(options_.epoch_key, k_of_windows);
  first_window_samples_ = 1 + mix64(options_.epoch_key, k_of_phase) % options_.window_samples;
}

uint64_t EpochOrder::sample_at(uint64_t position) const {
  HR_CHECK(position < options_.sample_count, "position {}, count {}", position,
           options_.sample_count);
  switch (options_.shuffle) {
    case Shuffle::none:
    case Shuffle::megatron:
      return position;
    case Shuffle::global:
      return permutation_.at(position);
    case Shuffle::window:
    case Shuffle::copies:
      break;
  }
  const Window window = window_around(position);
  return sequence_at(window.first_position +
                     window.permutation.at(position - window.first_position));
}

void EpochOrder::samples_at(std::span<uint64_t> places) const {
  switch (options_.shuffle) {
    case Shuffle::none:
    case Shuffle::megatron:
      return;
    case Shuffle::global:
      for (uint64_t& place : places) place = permutation_.at(place);
      return;
    case Shuffle::window:
    case Shuffle::copies:
      samples_in_windows(places);
  }
}

void EpochOrder::samples_in_windows(std::span<uint64_t> places) const {
  while (!places.empty()) {
    HR_CHECK(places[0] < options_.sample_count, "position {}", places[0]);
    const Window window = window_around(places[0]);
    size_t count = 0;
    for (; count < places.size(); ++count) {
      const uint64_t within = places[count] - window.first_position;
      if (within >= window.permutation.count()) break;
      places[count] = sequence_at(window.first_position + window.permutation.at(within));
    }
    places = places.subspan(count);
  }
}

uint64_t EpochOrder::position_of(uint64_t sample_id) const {
  HR_CHECK(sample_id < options_.sample_count, "sample {}, count {}", sample_id,
           options_.sample_count);
  switch (options_.shuffle) {
    case Shuffle::none:
    case Shuffle::megatron:
      return sample_id;
    case Shuffle::global:
      return permutation_.position_of(sample_id);
    case Shuffle::window:
    case Shuffle::copies:
      break;
  }
  const uint64_t place = place_in_sequence(sample_id);
  const Window window = window_around(place);
  return window.first_position + window.permutation.position_of(place - window.first_position);
}

EpochOrder::Window EpochOrder::window_around(uint64_t position) const {
  const uint64_t window_samples = options_.window_samples;
  uint64_t index = 0;
  uint64_t first = 0;
  uint64_t end = first_window_samples_;
  if (position >= first_window_samples_) {
    index = 1 + (position - first_window_samples_) / window_samples;
    first = first_window_samples_ + (index - 1) * window_samples;
    end = window_samples < options_.sample_count - first ? first + window_samples
                                                         : options_.sample_count;
  }
  end = std::min(end, options_.sample_count);
  return {first, Permutation(end - first, mix64(window_key_, index))};
}

std::pair<uint64_t, uint64_t> EpochOrder::window_of(uint64_t position) const {
  HR_CHECK(options_.shuffle == Shuffle::window && position < options_.sample_count, "position {}",
           position);
  const Window window = window_around(position);
  return {window.first_position, window.first_position + window.permutation.count()};
}

uint64_t EpochOrder::sequence_at(uint64_t position) const {
  const uint64_t turn = holder_of(first_positions_, position);
  return options_.first_samples[shards_[turn]] + (position - first_positions_[turn]);
}

uint64_t EpochOrder::place_in_sequence(uint64_t sample_id) const {
  const uint64_t shard_index = holder_of(options_.first_samples, sample_id);
  return first_positions_[permutation_.position_of(shard_index)] +
         (sample_id - options_.first_samples[shard_index]);
}

}  // namespace headrace::order

// Checks the options and starts epochs.
#include "headrace/order/order.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/hash.h"

namespace headrace::order {

EpochOrder order_of_copy(uint64_t sample_count, uint64_t seed, uint64_t copy) {
  constexpr uint64_t k_use = 0x636f7069;  // no epoch's order is a copy's
  return EpochOrder({.shuffle = copy == 0 ? Shuffle::none : Shuffle::global,
                     .sample_count = sample_count,
                     .epoch_key = mix64(mix64(seed, k_use), copy)});
}

Order::Order(OrderOptions options) : options_(std::move(options)) {
  const uint64_t count = options_.sample_count;
  HR_CHECK(count >= 1 && count <= k_count_max, "count {}", count);
  HR_CHECK(options_.copy_count >= 1);
  if (options_.shuffle != Shuffle::window) return;
  HR_CHECK(options_.window_samples >= 1);
  std::vector<uint64_t>& firsts = options_.first_samples;
  if (firsts.empty()) firsts = {0, count};
  HR_CHECK(firsts.size() >= 2 && firsts.front() == 0 && firsts.back() == count,
           "{} shards, last {}, count {}", firsts.size(), firsts.back(), count);
  HR_CHECK(std::ranges::is_sorted(firsts));
}

EpochOrder Order::epoch(uint64_t epoch) const& {
  if (options_.shuffle == Shuffle::copies) {
    return order_of_copy(options_.sample_count, options_.copy_seed, epoch % options_.copy_count);
  }
  return EpochOrder({.shuffle = options_.shuffle,
                     .sample_count = options_.sample_count,
                     .epoch_key = mix64(options_.seed, epoch),
                     .window_samples = options_.window_samples,
                     .first_samples = options_.first_samples});
}

}  // namespace headrace::order

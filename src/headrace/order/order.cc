// Checks the options and starts epochs.
#include "headrace/order/order.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/hash.h"

namespace headrace::order {

Order::Order(OrderOptions options) : options_(std::move(options)) {
  const uint64_t count = options_.sample_count;
  HR_CHECK(count >= 1 && count <= k_count_max, "count {}", count);
  if (options_.shuffle != Shuffle::window) return;
  HR_CHECK(options_.window_samples >= 1);
  std::vector<uint64_t>& firsts = options_.first_samples;
  if (firsts.empty()) firsts = {0, count};
  HR_CHECK(firsts.size() >= 2 && firsts.front() == 0 && firsts.back() == count,
           "{} shards, last {}, count {}", firsts.size(), firsts.back(), count);
  HR_CHECK(std::ranges::is_sorted(firsts));
}

EpochOrder Order::epoch(uint64_t epoch) const& {
  return EpochOrder({.shuffle = options_.shuffle,
                     .sample_count = options_.sample_count,
                     .epoch_key = mix64(options_.seed, epoch),
                     .window_samples = options_.window_samples,
                     .first_samples = options_.first_samples});
}

}  // namespace headrace::order

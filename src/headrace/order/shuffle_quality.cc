// Sums over evenly spread runs of positions.
#include "headrace/order/shuffle_quality.h"

#include <algorithm>
#include <cmath>

#include "headrace/base/check.h"

namespace headrace::order {
namespace {

constexpr uint64_t k_run_count_max = 64;

struct Run {
  uint64_t first = 0;
  uint64_t count = 0;
};

void add_run(const EpochOrder& order, const Run& run, ShuffleQuality& sums) {
  const auto all = static_cast<double>(order.sample_count());
  double previous = 0, mean = 0, squares = 0;
  for (uint64_t i = 0; i < run.count; ++i) {
    const auto id = static_cast<double>(order.sample_at(run.first + i));
    sums.displacement += std::abs(id - static_cast<double>(run.first + i)) / all;
    if (i > 0) {
      const double distance = std::abs(id - previous);
      sums.neighbor_distance += distance / all;
      sums.adjacent_share += distance == 1 ? 1 : 0;
    }
    previous = id;
    const double ahead = id - mean;  // Welford's update
    mean += ahead / static_cast<double>(i + 1);
    squares += ahead * (id - mean);
  }
  const double deviation = std::sqrt(squares / static_cast<double>(run.count - 1));
  sums.batch_spread += deviation / (all / std::sqrt(12.0));
}

}  // namespace

ShuffleQuality measure_shuffle(const EpochOrder& order, uint64_t batch_size) {
  const uint64_t sample_count = order.sample_count();
  HR_CHECK(sample_count >= 2 && batch_size >= 2, "{} samples, batch {}", sample_count, batch_size);
  const uint64_t run_length = std::min(batch_size, sample_count);
  const uint64_t run_count = std::min(sample_count / run_length, k_run_count_max);
  const uint64_t stride = sample_count / run_count;
  ShuffleQuality sums;
  for (uint64_t run = 0; run < run_count; ++run) {
    add_run(order, {.first = run * stride, .count = run_length}, sums);
  }
  const auto runs = static_cast<double>(run_count);
  sums.displacement /= runs * static_cast<double>(run_length);
  sums.neighbor_distance /= runs * static_cast<double>(run_length - 1);
  sums.adjacent_share /= runs * static_cast<double>(run_length - 1);
  sums.batch_spread /= runs;
  return sums;
}

}  // namespace headrace::order

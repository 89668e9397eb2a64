// Percentiles, merging and reading out of the log-linear histogram.
#include "headrace/observe/histogram.h"

#include <algorithm>
#include <cmath>

namespace headrace::observe {

namespace {

uint64_t load(const std::atomic<uint64_t>& cell) { return cell.load(std::memory_order_relaxed); }

uint64_t less(uint64_t value, uint64_t amount) { return value > amount ? value - amount : 0; }

}  // namespace

void Histogram::merge(const Histogram& other) {
  for (size_t i = 0; i < k_bucket_count; ++i) bump(counts_[i], load(other.counts_[i]));
  bump(sum_ns_, other.sum_ns());
  max_ns_.store(std::max(max_ns(), other.max_ns()), std::memory_order_relaxed);
}

void Histogram::subtract(const Histogram& earlier) {
  for (size_t i = 0; i < k_bucket_count; ++i) {
    counts_[i].store(less(load(counts_[i]), load(earlier.counts_[i])), std::memory_order_relaxed);
  }
  sum_ns_.store(less(sum_ns(), earlier.sum_ns()), std::memory_order_relaxed);
}

uint64_t Histogram::count() const {
  uint64_t total = 0;
  for (const auto& cell : counts_) total += load(cell);
  return total;
}

uint64_t Histogram::percentile_ns(double share) const {
  const uint64_t total = count();
  if (total == 0) return 0;
  const double wanted = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(total));
  const uint64_t rank = std::max<uint64_t>(1, static_cast<uint64_t>(wanted));
  uint64_t seen = 0;
  for (size_t i = 0; i < k_bucket_count; ++i) {
    seen += load(counts_[i]);
    if (seen < rank) continue;
    const uint64_t low = bucket_low(i);
    return std::min(low + (bucket_high(i) - low) / 2, std::max(low, max_ns()));
  }
  return max_ns();
}

HistogramRecord Histogram::record() const {
  HistogramRecord record{.count = count(),
                         .sum_ns = sum_ns(),
                         .p50_ns = percentile_ns(0.5),
                         .p90_ns = percentile_ns(0.9),
                         .p99_ns = percentile_ns(0.99),
                         .p999_ns = percentile_ns(0.999),
                         .max_ns = max_ns()};
  for (size_t i = 0; i < k_bucket_count; ++i) {
    const uint64_t count = load(counts_[i]);
    if (count == 0) continue;
    record.buckets.push_back({.low_ns = bucket_low(i), .high_ns = bucket_high(i), .count = count});
  }
  return record;
}

}  // namespace headrace::observe

// A latency histogram of fixed memory: log-linear buckets, each at most 1/64 of its value wide
// (< 1.6 % error). Thread safety: one writer; any reader (relaxed atomics). Invariants: (1) every
// uint64 has exactly one bucket; (2) count() equals the sum of the buckets once the writer has
// stopped.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "headrace/observe/record.h"

namespace headrace::observe {

// Values below 128 have a bucket each; above, each power of two is cut into 64.
inline constexpr unsigned k_sub_bucket_bits = 6;
inline constexpr size_t k_bucket_count = (64 - k_sub_bucket_bits + 1) << k_sub_bucket_bits;

constexpr size_t bucket_index(uint64_t value) {
  const unsigned width = static_cast<unsigned>(std::bit_width(value | 1));
  if (width <= k_sub_bucket_bits + 1) return static_cast<size_t>(value);
  const unsigned shift = width - (k_sub_bucket_bits + 1);
  return (static_cast<size_t>(shift) << k_sub_bucket_bits) + static_cast<size_t>(value >> shift);
}
constexpr uint64_t bucket_low(size_t index) {
  if (index < (size_t{2} << k_sub_bucket_bits)) return index;
  const size_t shift = (index >> k_sub_bucket_bits) - 1;
  const uint64_t mantissa = index - (shift << k_sub_bucket_bits);
  return mantissa << shift;
}
constexpr uint64_t bucket_high(size_t index) {  // exclusive; saturates in the last bucket
  return index + 1 < k_bucket_count ? bucket_low(index + 1) : ~uint64_t{0};
}

class Histogram {
 public:
  void add(uint64_t value_ns) {
    bump(counts_[bucket_index(value_ns)], 1);
    bump(sum_ns_, value_ns);
    if (value_ns > max_ns_.load(std::memory_order_relaxed)) {
      max_ns_.store(value_ns, std::memory_order_relaxed);
    }
  }
  // Adds what `other` holds; the caller is this histogram's writer.
  void merge(const Histogram& other);
  // Takes away an earlier reading of the same histogram, so that what is left is the time since.
  // max_ns stays.
  void subtract(const Histogram& earlier);

  uint64_t count() const;
  uint64_t sum_ns() const { return sum_ns_.load(std::memory_order_relaxed); }
  uint64_t max_ns() const { return max_ns_.load(std::memory_order_relaxed); }
  // The middle of the bucket that holds the sample of that rank; 0 when empty. `share` in 0..1.
  uint64_t percentile_ns(double share) const;
  HistogramRecord record() const;

 private:
  static void bump(std::atomic<uint64_t>& cell, uint64_t amount) {
    cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::array<std::atomic<uint64_t>, k_bucket_count> counts_{};
  std::atomic<uint64_t> sum_ns_{0};
  std::atomic<uint64_t> max_ns_{0};
};

}  // namespace headrace::observe

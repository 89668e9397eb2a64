// The weights of ops/weights.h, one target at a time and without a table: the same integers.
// Thread safety: a value. Invariant: next() gives, in order, what AxisWeights has for the target's
// samples from first() on, and 0 behind them.
#pragma once

#include "headrace/kernels/block-inl.h"
#include "headrace/ops/weights.h"

namespace headrace::kernels {

// The most samples that a target of this axis has a weight for.
HR_BOTH uint32_t taps_of(const ops::AxisSpec& spec) {
  const uint64_t step = uint64_t{spec.step} * spec.resized;
  const uint64_t length = 2 * (spec.size > step ? spec.size : step);
  const uint64_t taps = (length + step - 1) / step;
  return static_cast<uint32_t>(taps < spec.count ? taps : spec.count);
}

class Taps {
 public:
  HR_BOTH Taps(const ops::AxisSpec& spec, uint32_t target_index)
      : spacing_(2 * int64_t{spec.resized} * spec.step), count_(taps_of(spec)) {
    const int64_t step = int64_t{spec.step} * spec.resized;
    support_ = 2 * (int64_t{spec.size} > step ? int64_t{spec.size} : step);
    const uint32_t unmirrored = spec.mirror ? spec.target - 1 - target_index : target_index;
    const int64_t place = int64_t{spec.skipped} + unmirrored;
    center_ = 2 * spec.begin * spec.resized + (2 * place + 1) * spec.size;
    const int64_t low = center_ - support_ - spacing_ / 2;
    const int64_t before = (low < 0 ? low - spacing_ + 1 : low) / spacing_;
    const int64_t begin = before + 1 > 0 ? before + 1 : 0;
    const int64_t last = int64_t{spec.count} - count_;
    first_ = static_cast<uint32_t>(begin < last ? begin : last);
    int64_t total = 0;
    for (uint32_t tap = 0; tap < count_; ++tap) total += share(tap);
    scale_ = 65536.0 / static_cast<double>(total);
  }
  HR_BOTH uint32_t first() const { return first_; }
  HR_BOTH uint32_t count() const { return count_; }
  // Differences of rounded running sums: they add up exactly.
  HR_BOTH uint32_t next() {
    sum_ += share(tap_++);
    const auto upto = static_cast<int64_t>(product_and_half(static_cast<double>(sum_), scale_));
    const int64_t weight = upto - upto_;
    upto_ = upto;
    return static_cast<uint32_t>(weight < 65535 ? weight : 65535);
  }

 private:
  HR_BOTH int64_t share(uint32_t tap) const {
    const int64_t distance = (int64_t{first_} + tap) * spacing_ + spacing_ / 2 - center_;
    const int64_t left = support_ - (distance < 0 ? -distance : distance);
    return left > 0 ? left : 0;
  }

  int64_t spacing_;
  uint32_t count_;
  int64_t support_ = 0, center_ = 0, sum_ = 0, upto_ = 0;
  double scale_ = 0;
  uint32_t first_ = 0, tap_ = 0;
};

}  // namespace headrace::kernels

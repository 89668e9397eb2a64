// Triangle weights from exact integers: every length is multiplied by twice the target count.
#include "headrace/ops/weights.h"

#include <algorithm>

#include "headrace/base/check.h"

namespace headrace::ops {
namespace {

struct Window {
  int64_t center;   // in pixels times 2 * target
  int64_t support;  // likewise
  int64_t begin;    // first sample that has a weight
  int64_t end;      // behind the last one
};

// Sample k lies at (2k + 1) * step * target on the scale of center and support.
Window window_of(const AxisSpec& spec, uint32_t index) {
  const int64_t target = spec.resized;
  const int64_t spacing = 2 * target * spec.step;
  Window window{};
  window.center = 2 * spec.begin * target + (2 * int64_t{index} + 1) * spec.size;
  window.support = 2 * std::max<int64_t>(spec.size, int64_t{spec.step} * target);
  const int64_t low = window.center - window.support - spacing / 2;
  const int64_t high = window.center + window.support - spacing / 2;
  window.begin = low < 0 ? 0 : low / spacing + 1;
  window.end = std::min<int64_t>((high + spacing - 1) / spacing, spec.count);
  window.begin = std::min(window.begin, window.end - 1);
  return window;
}

}  // namespace

// Samples strictly inside an open interval of twice the support.
uint32_t AxisWeights::most_taps(const AxisSpec& spec) const {
  const uint64_t step = uint64_t{spec.step} * spec.resized;
  const uint64_t length = 2 * std::max<uint64_t>(spec.size, step);
  return static_cast<uint32_t>(std::min<uint64_t>((length + step - 1) / step, spec.count));
}

void AxisWeights::build(const AxisSpec& spec) {
  if (spec == spec_) return;
  HR_CHECK(spec.size > 0 && spec.count > 0 && spec.target > 0 && spec.step > 0);
  HR_CHECK(spec.skipped + uint64_t{spec.target} <= spec.resized, "resized {}", spec.resized);
  spec_ = spec;
  taps_ = most_taps(spec);
  stride_ = (size_t{spec.target} + k_axis_group - 1) / k_axis_group * k_axis_group;
  first_.resize(stride_);
  weights_.assign(stride_ * taps_, 0);
  for (uint32_t i = 0; i < spec.target; ++i) {
    build_one(spec.skipped + (spec.mirror ? spec.target - 1 - i : i), i);
  }
  std::fill(first_.begin() + spec.target, first_.end(), first_[spec.target - 1]);
  measure_groups();
}

// First samples rise with the target, or fall when mirrored.
void AxisWeights::measure_groups() {
  group_span_ = 0;
  for (size_t i = 0; i < stride_; i += k_axis_group) {
    const auto [low, high] = std::minmax(first_[i], first_[i + k_axis_group - 1]);
    group_span_ = std::max(group_span_, high + taps_ - (low & ~1u));
  }
}

// Weights are differences of rounded running sums: they add up exactly and none is negative.
void AxisWeights::build_one(uint32_t source_index, uint32_t target_index) {
  const Window window = window_of(spec_, source_index);
  const int64_t spacing = 2 * int64_t{spec_.resized} * spec_.step;
  const auto weight_at = [&](int64_t k) {
    const int64_t distance = k * spacing + spacing / 2 - window.center;
    return std::max<int64_t>(window.support - (distance < 0 ? -distance : distance), 0);
  };
  int64_t total = 0;
  for (int64_t k = window.begin; k < window.end; ++k) total += weight_at(k);
  const int64_t first = std::min<int64_t>(window.begin, int64_t{spec_.count} - taps_);
  first_[target_index] = static_cast<uint32_t>(first);
  uint16_t* weights = weights_.data() + target_index;
  HR_CHECK(total > 0 && window.end - first <= taps_, "size {}, target {}", spec_.size,
           spec_.target);
  const double scale = static_cast<double>(k_weight_one) / static_cast<double>(total);
  int64_t sum = 0;
  int64_t before = 0;
  for (int64_t k = window.begin; k < window.end; ++k) {
    sum += weight_at(k);
    const auto upto = static_cast<int64_t>(static_cast<double>(sum) * scale + 0.5);
    const int64_t weight = std::min<int64_t>(upto - before, k_weight_one - 1);
    weights[static_cast<size_t>(k - first) * stride_] = static_cast<uint16_t>(weight);
    before = upto;
  }
}

}  // namespace headrace::ops

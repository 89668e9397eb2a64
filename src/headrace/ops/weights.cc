// Triangle weights from exact integers: every length is multiplied by twice the target count.
#include "headrace/ops/weights.h"

#include <algorithm>
#include <bit>

#include "headrace/base/check.h"

namespace headrace::ops {
namespace {

// Where the filters of neighboring targets lie, one after another without a division each. Sample
// k lies at k * spacing + spacing / 2 on the scale of center and support, which is that of pixels
// times 2 * resized.
class Filters {
 public:
  Filters(const AxisSpec& spec, uint32_t first_index)
      : spacing_(2 * int64_t{spec.resized} * spec.step),
        support_(2 * std::max<int64_t>(spec.size, int64_t{spec.step} * spec.resized)),
        pitch_(2 * int64_t{spec.size}),
        pitch_samples_(pitch_ / spacing_),
        pitch_rest_(pitch_ % spacing_) {
    center_ = 2 * spec.begin * spec.resized + (2 * int64_t{first_index} + 1) * spec.size;
    const int64_t low = center_ - support_ - spacing_ / 2;
    const int64_t rounded_down = low < 0 ? low - spacing_ + 1 : low;
    quotient_ = rounded_down / spacing_;
    rest_ = low - quotient_ * spacing_;
  }
  // The first sample that has a weight.
  int64_t begin() const { return std::max<int64_t>(quotient_ + 1, 0); }
  int64_t weight(int64_t sample) const {
    const int64_t distance = sample * spacing_ + spacing_ / 2 - center_;
    return std::max<int64_t>(support_ - (distance < 0 ? -distance : distance), 0);
  }
  void advance() {
    center_ += pitch_;
    quotient_ += pitch_samples_;
    rest_ += pitch_rest_;
    const bool is_over = rest_ >= spacing_;
    quotient_ += is_over ? 1 : 0;
    rest_ -= is_over ? spacing_ : 0;
  }

 private:
  int64_t spacing_, support_, pitch_, pitch_samples_, pitch_rest_;
  int64_t center_ = 0, quotient_ = 0, rest_ = 0;
};

}  // namespace

// Samples strictly inside an open interval of twice the support.
uint32_t AxisWeights::most_taps(const AxisSpec& spec) const {
  const uint64_t step = uint64_t{spec.step} * spec.resized;
  const uint64_t length = 2 * std::max<uint64_t>(spec.size, step);
  return static_cast<uint32_t>(std::min<uint64_t>((length + step - 1) / step, spec.count));
}

// Weights are differences of rounded running sums: they add up exactly and none is negative. All
// taps are gone through, those without a weight too: a count that varies would be mispredicted.
template <class WeightAt>
void AxisWeights::build_one(uint32_t target_index, const WeightAt& weight_at) {
  int64_t total = 0;
  for (uint32_t tap = 0; tap < taps_; ++tap) total += weight_at(tap);
  HR_CHECK(total > 0, "size {}, target {}", spec_.size, spec_.target);
  const double scale = static_cast<double>(k_weight_one) / static_cast<double>(total);
  uint16_t* weights = weights_.data() + target_index;
  int64_t sum = 0, before = 0;
  for (uint32_t tap = 0; tap < taps_; ++tap) {
    sum += weight_at(tap);
    const auto upto = static_cast<int64_t>(static_cast<double>(sum) * scale + 0.5);
    const int64_t weight = std::min<int64_t>(upto - before, k_weight_one - 1);
    weights[tap * stride_] = static_cast<uint16_t>(weight);
    before = upto;
  }
}

void AxisWeights::build(const AxisSpec& spec) {
  if (spec == spec_) return;
  HR_CHECK(spec.size > 0 && spec.count > 0 && spec.target > 0 && spec.step > 0);
  HR_CHECK(spec.skipped + uint64_t{spec.target} <= spec.resized, "resized {}", spec.resized);
  spec_ = spec;
  taps_ = most_taps(spec);
  stride_ = (size_t{spec.target} + k_axis_group - 1) / k_axis_group * k_axis_group;
  first_.resize(stride_);
  const size_t weight_count = stride_ * taps_;
  // Grows by whole powers of two: assign() would take memory again for each crop larger by a
  // little.
  if (weights_.size() < weight_count) weights_.resize(std::bit_ceil(weight_count));
  std::fill_n(weights_.begin(), weight_count, uint16_t{0});
  Filters filters(spec, spec.skipped);
  for (uint32_t i = 0; i < spec.target; ++i, filters.advance()) {
    const uint32_t target_index = spec.mirror ? spec.target - 1 - i : i;
    const int64_t first = std::min(filters.begin(), int64_t{spec.count} - taps_);
    first_[target_index] = static_cast<uint32_t>(first);
    build_one(target_index, [&](uint32_t tap) { return filters.weight(first + tap); });
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

}  // namespace headrace::ops

// Which source pixels make a target pixel, and how much: the triangle filter that Pillow and
// torchvision call antialiased bilinear, in integers, so that every machine has the same weights.
// Thread safety: one owner. Invariants: 1. Each target's weights add up to k_weight_one (a lone
// weight is one less, to fit 16 bits). 2. first(i) + taps() <= count. 3. Nothing is allocated once
// the largest size has been seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace headrace::ops {

inline constexpr uint32_t k_weight_one = 65536;
inline constexpr uint32_t k_axis_group = 32;

// Lengths are in pixels of the full picture; a sample covers `step` of them (8 after decoding at
// 1/8). `size` pixels, the first of them `begin` behind the left edge of sample 0, become `resized`
// ones, of which `target` are made, those behind the first `skipped`.
struct AxisSpec {
  int64_t begin = 0;
  uint32_t size = 0;
  uint32_t step = 1;
  uint32_t count = 0;  // samples there are; the filter sees no others
  uint32_t resized = 0;
  uint32_t skipped = 0;
  uint32_t target = 0;
  bool mirror = false;
  bool operator==(const AxisSpec&) const = default;
};
// All samples of a line to `target` pixels.
inline AxisSpec whole_axis(uint32_t count, uint32_t target) {
  return {.size = count, .count = count, .resized = target, .target = target};
}

class AxisWeights {
 public:
  // The same spec as the last one costs nothing.
  void build(const AxisSpec& spec);
  uint32_t taps() const { return taps_; }
  uint32_t target() const { return spec_.target; }
  uint32_t count() const { return spec_.count; }
  uint32_t first(uint32_t target_index) const { return first_[target_index]; }
  // A multiple of k_axis_group targets have places; those behind the last weigh nothing.
  const uint32_t* firsts() const { return first_.data(); }
  const uint16_t* weights_of_tap(uint32_t tap) const { return weights_.data() + tap * stride_; }
  uint16_t weight(uint32_t tap, uint32_t target_index) const {
    return weights_of_tap(tap)[target_index];
  }
  // The most samples that any k_axis_group neighboring targets reach over, from an even one on.
  uint32_t group_span() const { return group_span_; }

 private:
  uint32_t most_taps(const AxisSpec& spec) const;
  void measure_groups();
  template <class WeightAt>
  void build_one(uint32_t target_index, const WeightAt& weight_at);

  AxisSpec spec_;
  uint32_t taps_ = 0;
  uint32_t group_span_ = 0;
  size_t stride_ = 0;
  std::vector<uint32_t> first_;
  std::vector<uint16_t> weights_;
};

}  // namespace headrace::ops

// Weights against the definition of the triangle filter in double precision.
#include "headrace/ops/weights.h"

#include <gtest/gtest.h>

#include <cmath>

namespace headrace::ops {
namespace {

double triangle(const AxisSpec& spec, uint32_t sample, uint32_t index) {
  const double scale = static_cast<double>(spec.size) / spec.resized;
  const double support = std::max<double>(scale, spec.step);
  const double center = static_cast<double>(spec.begin) + (index + 0.5) * scale;
  return std::max(0.0, 1 - std::abs((sample + 0.5) * spec.step - center) / support);
}

void expect_triangle(const AxisSpec& spec) {
  AxisWeights axis;
  axis.build(spec);
  for (uint32_t i = 0; i < spec.target; ++i) {
    ASSERT_LE(axis.first(i) + axis.taps(), spec.count);
    double total = 0;
    for (uint32_t k = 0; k < spec.count; ++k) total += triangle(spec, k, i);
    uint32_t sum = 0;
    for (uint32_t k = 0; k < spec.count; ++k) {
      const bool inside = k >= axis.first(i) && k < axis.first(i) + axis.taps();
      const double weight = inside ? axis.weight(k - axis.first(i), i) : 0;
      ASSERT_NEAR(weight, triangle(spec, k, i) / total * k_weight_one, 1.01)
          << spec.size << " to " << spec.target << ", target " << i << ", sample " << k;
      sum += static_cast<uint32_t>(weight);
    }
    ASSERT_TRUE(sum == k_weight_one || sum == k_weight_one - 1) << sum;
  }
}

TEST(AxisWeights, are_the_triangle_filter_for_all_small_sizes) {
  for (uint32_t size = 1; size < 40; ++size) {
    for (uint32_t target = 1; target < 40; ++target) {
      expect_triangle(whole_axis(size, target));
    }
  }
}

TEST(AxisWeights, are_the_triangle_filter_on_coarser_samples) {
  for (const uint32_t step : {2u, 4u, 8u}) {
    for (uint32_t begin = 0; begin < step; ++begin) {
      expect_triangle({.begin = begin,
                       .size = 501,
                       .step = step,
                       .count = (begin + 501 + step - 1) / step,
                       .resized = 97,
                       .target = 97});
    }
  }
}

TEST(AxisWeights, are_mirrored_on_request) {
  AxisWeights plain;
  AxisWeights mirrored;
  AxisSpec spec = whole_axis(333, 224);
  plain.build(spec);
  spec.mirror = true;
  mirrored.build(spec);
  for (uint32_t i = 0; i < 224; ++i) {
    EXPECT_EQ(mirrored.first(i), plain.first(223 - i));
    EXPECT_EQ(mirrored.weight(1, i), plain.weight(1, 223 - i));
  }
}

TEST(AxisWeights, make_a_part_of_the_target_from_a_part_of_the_source) {
  AxisWeights all;
  AxisWeights part;
  all.build(whole_axis(500, 341));
  part.build(
      {.begin = -30, .size = 500, .count = 400, .resized = 341, .skipped = 50, .target = 200});
  for (uint32_t i = 0; i < 200; ++i) {
    EXPECT_EQ(part.first(i) + 30, all.first(i + 50));
    EXPECT_EQ(part.weight(0, i), all.weight(0, i + 50));
  }
}

TEST(AxisWeights, hold_for_the_largest_sides) {
  AxisWeights axis;
  axis.build(whole_axis(65500, 1));
  EXPECT_EQ(axis.taps(), 65500u);
  axis.build(whole_axis(1, 4096));
  EXPECT_EQ(axis.weight(0, 4095), k_weight_one - 1);
}

}  // namespace
}  // namespace headrace::ops

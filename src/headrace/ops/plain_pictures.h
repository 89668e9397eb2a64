// For tests: planes of noise and Pillow's BILINEAR resize written out plainly in double precision.
// Thread safety: pure functions.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "headrace/jpeg/image.h"

namespace headrace::ops {

struct Plane {
  uint32_t width = 0, height = 0;
  std::vector<uint8_t> pixels;  // with the 64 bytes that may be read
  jpeg::PlaneView view() const { return {pixels.data(), width, width, height}; }
};

inline Plane noise(uint32_t width, uint32_t height, uint32_t seed) {
  Plane plane{width, height, std::vector<uint8_t>(size_t{width} * height + 64)};
  std::mt19937 random(seed);
  for (uint8_t& pixel : plane.pixels) {
    const auto draw = static_cast<uint32_t>(random());
    pixel = draw % 4 == 0 ? 255 : draw % 4 == 1 ? 0 : static_cast<uint8_t>(draw >> 8);
  }
  return plane;
}

inline std::vector<double> pillow_weights(uint32_t source, uint32_t target, uint32_t index,
                                          uint32_t& first) {
  const double scale = static_cast<double>(source) / target;
  const double support = std::max(scale, 1.0);
  const double center = (index + 0.5) * scale;
  first = static_cast<uint32_t>(std::max(0, static_cast<int>(center - support + 0.5)));
  const auto end = std::min<uint32_t>(source, static_cast<uint32_t>(center + support + 0.5));
  std::vector<double> weights;
  double total = 0;
  for (uint32_t k = first; k < end; ++k) {
    const double distance = std::abs(k + 0.5 - center) / support;
    weights.push_back(std::max(0.0, 1.0 - distance));
    total += weights.back();
  }
  for (double& weight : weights) weight /= total;
  return weights;
}

// Columns first and rounded to bytes, then rows: as Pillow does.
inline std::vector<uint8_t> pillow_resize(const Plane& source, uint32_t width, uint32_t height) {
  std::vector<uint8_t> wide(size_t{width} * source.height);
  for (uint32_t x = 0; x < width; ++x) {
    uint32_t first = 0;
    const auto weights = pillow_weights(source.width, width, x, first);
    for (uint32_t y = 0; y < source.height; ++y) {
      double sum = 0.5;
      for (size_t t = 0; t < weights.size(); ++t) {
        sum += weights[t] * source.pixels[size_t{y} * source.width + first + t];
      }
      wide[size_t{y} * width + x] = static_cast<uint8_t>(sum);
    }
  }
  std::vector<uint8_t> result(size_t{width} * height);
  for (uint32_t y = 0; y < height; ++y) {
    uint32_t first = 0;
    const auto weights = pillow_weights(source.height, height, y, first);
    for (uint32_t x = 0; x < width; ++x) {
      double sum = 0.5;
      for (size_t t = 0; t < weights.size(); ++t) sum += weights[t] * wide[(first + t) * width + x];
      result[size_t{y} * width + x] = static_cast<uint8_t>(sum);
    }
  }
  return result;
}

inline int worst_difference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  EXPECT_EQ(a.size(), b.size());
  int worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(int{a[i]} - int{b[i]}));
  return worst;
}

}  // namespace headrace::ops

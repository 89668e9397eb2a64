// How an upright 8-bit picture lies in its row of the batch: size, layout, type, normalization.
// Thread safety: const. Invariants: 1. A float is (value - 255 * mean) / (255 * std) of the 8-bit
// value, rounded to float32 after the subtraction and after the product with the reciprocal; 16-bit
// floats are that float32 rounded to nearest even. 2. The same bits on every SIMD target.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "headrace/ops/op.h"
#include "headrace/ops/resize.h"

namespace headrace::ops {

enum class Layout { chw, hwc };

struct PixelFormat {
  uint32_t width = 224, height = 224;
  Layout layout = Layout::chw;
  Type type = Type::float32;              // or uint8, float16, bfloat16
  std::array<float, 3> mean = {0, 0, 0};  // of values from 0 to 1; not used for uint8
  std::array<float, 3> deviation = {1, 1, 1};
};
TensorSpec spec_of(const PixelFormat& format);

// Finished rows of the three colors.
struct PixelRows {
  std::array<StripView, 3> planes;
  uint32_t first_row = 0, row_count = 0;
};

class PixelWriter {
 public:
  explicit PixelWriter(const PixelFormat& format);  // throws Error: what is wrong with the format
  const PixelFormat& format() const { return format_; }
  size_t row_bytes() const { return row_bytes_; }
  // `row` is the picture's whole place in the batch.
  void write(const PixelRows& rows, std::span<std::byte> row) const;
  // The same by table look-ups: what targets without the instructions use.
  void write_plain(const PixelRows& rows, std::span<std::byte> row) const;

  // The float32 of each value, and its 16-bit form for 16-bit types.
  float float_of(size_t color, uint8_t value) const { return floats_[color][value]; }
  uint16_t half_of(size_t color, uint8_t value) const { return halves_[color][value]; }
  float offset(size_t color) const { return 255.0f * format_.mean[color]; }
  float factor(size_t color) const { return 1.0f / (255.0f * format_.deviation[color]); }

 private:
  PixelFormat format_;
  size_t row_bytes_ = 0;
  std::array<std::array<float, 256>, 3> floats_;
  std::array<std::array<uint16_t, 256>, 3> halves_{};
};

// Rounded to nearest even; too large becomes infinity.
uint16_t to_float16(float value);
uint16_t to_bfloat16(float value);

}  // namespace headrace::ops

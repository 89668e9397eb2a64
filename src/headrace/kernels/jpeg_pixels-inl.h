// The bodies of hr_jpeg_samples and hr_jpeg_pixels: the accurate integer transform, upsampling and
// color of libjpeg-turbo, in plain integers. Thread safety: a block, a pixel each its own.
// Invariants: 1. sums wrap and saturate at 16 bits where jpeg/idct.cc's do. 2. What a damaged
// picture's coefficients hold is transformed too, and harms nothing.
#pragma once

#include "headrace/kernels/block-inl.h"
#include "headrace/kernels/jpeg.h"

namespace headrace::kernels {

HR_BOTH int32_t wrapped(int32_t value) {
  return static_cast<int16_t>(static_cast<uint16_t>(value));
}
HR_BOTH int32_t saturated(int32_t value) {
  return value > 32767 ? 32767 : value < -32768 ? -32768 : value;
}
// Products of 16-bit values and constants; their sums wrap at 32 bits.
HR_BOTH uint32_t times(int32_t value, int32_t constant) {
  return static_cast<uint32_t>(value) * static_cast<uint32_t>(constant);
}
template <int shift>
HR_BOTH int32_t shifted_down(uint32_t value) {
  return saturated(static_cast<int32_t>(value) >> shift);
}

// One dimension on eight values that stand `step` apart.
template <int shift, int step>
HR_BOTH void transform_line(int32_t* line) {
  const int32_t in0 = line[0], in1 = line[step], in2 = line[2 * step], in3 = line[3 * step];
  const int32_t in4 = line[4 * step], in5 = line[5 * step], in6 = line[6 * step];
  const int32_t in7 = line[7 * step];
  const uint32_t z2 = times(in2, 4433) + times(in6, 4433 - 15137);
  const uint32_t z3 = times(in2, 4433 + 6270) + times(in6, 4433);
  const uint32_t rounding = 1u << (shift - 1);
  const uint32_t sum = times(wrapped(in0 + in4), 1 << 13) + rounding;
  const uint32_t difference = times(wrapped(in0 - in4), 1 << 13) + rounding;
  const uint32_t even[4] = {sum + z3, difference + z2, difference - z2, sum - z3};
  const int32_t odd3 = wrapped(in7 + in3), odd4 = wrapped(in5 + in1);
  const uint32_t part3 = times(odd3, 9633 - 16069) + times(odd4, 9633);
  const uint32_t part4 = times(odd3, 9633) + times(odd4, 9633 - 3196);
  const uint32_t odd[4] = {times(in7, -7373) + times(in1, 12299 - 7373) + part4,
                           times(in5, -20995) + times(in3, 25172 - 20995) + part3,
                           times(in5, 16819 - 20995) + times(in3, -20995) + part4,
                           times(in7, 2446 - 7373) + times(in1, -7373) + part3};
  for (int i = 0; i < 4; ++i) {
    line[i * step] = shifted_down<shift>(even[i] + odd[i]);
    line[(7 - i) * step] = shifted_down<shift>(even[i] - odd[i]);
  }
}

// Dequantized, in natural order. False when a first row leaves what 8-bit pictures have.
HR_BOTH bool load_block(const int16_t* block, const int16_t* steps, int32_t* values) {
  constexpr uint8_t k_natural[64] = {
      0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
      41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
      30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};
  constexpr int32_t k_largest = 8191;
  bool good = true;
#if defined(__CUDA_ARCH__)
#pragma unroll
#endif
  for (uint32_t i = 0; i < 64; ++i) {
    const int32_t value = wrapped(int32_t{block[i]} * steps[i]);
    values[k_natural[i]] = value;
    if (k_natural[i] < 8) good = good && value <= k_largest && value >= -k_largest;
  }
  return good;
}

HR_BOTH uint8_t to_sample(int32_t value) {
  return static_cast<uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

// Where a block's first sample stands, and the samples of a row.
HR_BOTH uint8_t* samples_of(const JpegBatch& batch, const JpegPart& part) {
  return batch.samples + part.first_block * 64;
}

HR_BOTH void make_samples(const JpegBatch& batch, uint32_t picture_index, uint32_t block_index) {
  const JpegPicture& picture = batch.pictures[picture_index];
  if (block_index >= picture.block_count) return;
  uint32_t component = 0, within = block_index;
  while (within >= picture.parts[component].blocks_wide * picture.parts[component].blocks_high) {
    within -= picture.parts[component].blocks_wide * picture.parts[component].blocks_high;
    ++component;
  }
  const JpegPart& part = picture.parts[component];
  int32_t values[64];
  if (!load_block(batch.coefficients + (part.first_block + within) * 64, part.steps, values)) {
    batch.verdicts[picture_index] = 1;
  }
  for (int column = 0; column < 8; ++column) transform_line<11, 8>(values + column);
  for (int row = 0; row < 8; ++row) transform_line<18, 1>(values + 8 * row);
  const uint64_t stride = uint64_t{part.blocks_wide} * 8;
  uint8_t* to = samples_of(batch, part) + within / part.blocks_wide * 8 * stride +
                within % part.blocks_wide * 8;
  for (uint32_t row = 0; row < 8; ++row, to += stride) {
    for (uint32_t column = 0; column < 8; ++column) {
      to[column] = to_sample(values[8 * row + column] + 128);
    }
  }
}

// A component's value at a pixel: three parts of the nearer sample, one of the farther.
HR_BOTH int32_t sample_at(const JpegBatch& batch, const JpegPicture& picture, uint32_t component,
                          uint32_t x, uint32_t y) {
  constexpr uint32_t k_narrow = 2;  // libjpeg repeats such components' samples
  const JpegPart& part = picture.parts[component];
  const uint32_t step_x = picture.parts[0].horizontal / part.horizontal;
  const uint32_t step_y = picture.parts[0].vertical / part.vertical;
  const uint64_t stride = uint64_t{part.blocks_wide} * 8;
  const uint32_t column = x / step_x, row = y / step_y;
  const uint8_t* near = samples_of(batch, part) + row * stride;
  if (step_x == 1 || part.samples_wide <= k_narrow) return near[column];
  const bool right = x % 2 == 1;
  const uint32_t last = part.samples_wide - 1;
  const uint32_t beside =
      right ? (column < last ? column + 1 : last) : (column > 0 ? column - 1 : 0);
  if (step_y == 1) return (3 * near[column] + near[beside] + (right ? 2 : 1)) >> 2;
  const uint32_t lowest = part.samples_high - 1;
  const uint32_t other = y % 2 == 1 ? (row < lowest ? row + 1 : lowest) : (row > 0 ? row - 1 : 0);
  const uint8_t* far = samples_of(batch, part) + other * stride;
  const int32_t here = 3 * near[column] + far[column];
  const int32_t there = 3 * near[beside] + far[beside];
  return (3 * here + there + (right ? 7 : 8)) >> 4;
}

// (factor * value + a half) >> 16, by way of twice the value's upper half.
HR_BOTH int32_t scaled_color(int32_t value, int32_t factor) {
  return (((2 * value * factor) >> 16) + 1) >> 1;
}

HR_BOTH void make_pixel(const JpegBatch& batch, uint32_t picture_index, uint64_t pixel_index) {
  const JpegPicture& picture = batch.pictures[picture_index];
  if (pixel_index >= uint64_t{picture.width} * picture.height) return;
  const auto x = static_cast<uint32_t>(pixel_index % picture.width);
  const auto y = static_cast<uint32_t>(pixel_index / picture.width);
  uint8_t* to = picture.pixels + 3 * pixel_index;
  const int32_t luma = sample_at(batch, picture, 0, x, y);
  if (picture.component_count == 1) {
    to[0] = to[1] = to[2] = static_cast<uint8_t>(luma);
    return;
  }
  const int32_t blue = sample_at(batch, picture, 1, x, y) - 128;
  const int32_t red = sample_at(batch, picture, 2, x, y) - 128;
  to[0] = to_sample(luma + red + scaled_color(red, 26345));
  to[1] = to_sample(luma + ((18734 * red - 22554 * blue + 32768) >> 16) - red);
  to[2] = to_sample(luma + 2 * blue + scaled_color(blue, -14942));
}

}  // namespace headrace::kernels

// The definition of a picture's values, layouts and 16-bit roundings; refused formats.
#include "headrace/ops/pixel_format.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "headrace/base/error.h"

namespace headrace::ops {
namespace {

TEST(PixelFormat, has_the_shape_of_its_layout) {
  const TensorSpec planar = spec_of({.width = 20, .height = 10});
  EXPECT_EQ(planar.shape, (std::vector<uint64_t>{3, 10, 20}));
  const TensorSpec mixed = spec_of({.width = 20, .height = 10, .layout = Layout::hwc});
  EXPECT_EQ(mixed.shape, (std::vector<uint64_t>{10, 20, 3}));
}

TEST(PixelWriter, normalizes_as_torchvision_within_float_rounding) {
  const PixelWriter writer(
      {.mean = {0.485f, 0.456f, 0.406f}, .deviation = {0.229f, 0.224f, 0.225f}});
  for (int value = 0; value < 256; ++value) {
    const double expected = (value / 255.0 - 0.456) / 0.224;
    EXPECT_NEAR(writer.float_of(1, static_cast<uint8_t>(value)), expected, 1e-6);
  }
}

TEST(PixelWriter, puts_pixels_where_the_layout_says) {
  uint8_t bytes[3][2 * 66] = {};
  PixelRows rows{.planes = {}, .first_row = 1, .row_count = 1};
  for (size_t c = 0; c < 3; ++c) {
    bytes[c][0] = static_cast<uint8_t>(10 * c + 1);
    bytes[c][1] = static_cast<uint8_t>(10 * c + 2);
    rows.planes[c] = {bytes[c], 66};
  }
  std::byte target[12] = {};
  PixelWriter({.width = 2, .height = 2, .type = Type::uint8}).write(rows, target);
  const uint8_t planar[12] = {0, 0, 1, 2, 0, 0, 11, 12, 0, 0, 21, 22};
  EXPECT_EQ(std::memcmp(target, planar, 12), 0);
  std::memset(target, 0, 12);
  PixelWriter({.width = 2, .height = 2, .layout = Layout::hwc, .type = Type::uint8})
      .write(rows, target);
  const uint8_t mixed[12] = {0, 0, 0, 0, 0, 0, 1, 11, 21, 2, 12, 22};
  EXPECT_EQ(std::memcmp(target, mixed, 12), 0);
}

TEST(PixelWriter, rounds_to_sixteen_bits_to_nearest_even) {
  EXPECT_EQ(to_float16(1.0f), 0x3c00);
  EXPECT_EQ(to_float16(-2.0f), 0xc000);
  EXPECT_EQ(to_float16(1.0f + 0x1p-11f), 0x3c00);  // a tie goes to the even neighbor
  EXPECT_EQ(to_float16(1.0f + 3 * 0x1p-11f), 0x3c02);
  EXPECT_EQ(to_float16(65519.0f), 0x7bff);
  EXPECT_EQ(to_float16(65520.0f), 0x7c00);
  EXPECT_EQ(to_float16(0x1p-24f), 1);
  EXPECT_EQ(to_float16(0x1p-25f), 0);
  EXPECT_EQ(to_float16(0x1.ffep-15f), 0x0400);
  EXPECT_EQ(to_bfloat16(1.0f), 0x3f80);
  EXPECT_EQ(to_bfloat16(1.0f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(to_bfloat16(1.0f + 3 * 0x1p-8f), 0x3f82);
}

TEST(PixelWriter, refuses_formats_that_make_no_sense) {
  EXPECT_THROW(PixelWriter({.width = 0}), Error);
  EXPECT_THROW(PixelWriter({.height = 20000}), Error);
  EXPECT_THROW(PixelWriter({.type = Type::int64}), Error);
  EXPECT_THROW(PixelWriter({.deviation = {1, 0, 1}}), Error);
  EXPECT_THROW(PixelWriter({.mean = {std::nanf(""), 0, 0}}), Error);
}

}  // namespace
}  // namespace headrace::ops

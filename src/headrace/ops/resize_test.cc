// Resizing against Pillow's algorithm in double precision, written out plainly here, and against
// itself on every SIMD target of this machine.
#include "headrace/ops/resize.h"

#include <gtest/gtest.h>

#include <hwy/targets.h>

#include "headrace/ops/plain_pictures.h"

namespace headrace::ops {
namespace {

std::vector<uint8_t> resize(const Plane& source, const AxisSpec& columns, const AxisSpec& rows) {
  Resizer resizer;
  resizer.prepare(columns, rows);
  const size_t stride = columns.target + k_row_padding_bytes;
  std::vector<uint8_t> strip(stride * k_strip_rows);
  std::vector<uint8_t> result;
  for (uint32_t y = 0; y < rows.target; y += k_strip_rows) {
    resizer.strip(source.view(), y, {strip.data(), stride});
    for (uint32_t r = 0; r < std::min(k_strip_rows, rows.target - y); ++r) {
      const uint8_t* row = strip.data() + r * stride;
      result.insert(result.end(), row, row + columns.target);
    }
  }
  return result;
}

std::vector<uint8_t> resize(const Plane& source, uint32_t width, uint32_t height) {
  return resize(source, whole_axis(source.width, width), whole_axis(source.height, height));
}

TEST(Resize, is_within_one_of_pillow_for_many_sizes) {
  const uint32_t sizes[] = {1, 2, 3, 7, 8, 31, 33, 64, 97, 224, 225, 333, 500};
  for (const uint32_t width : sizes) {
    for (const uint32_t height : sizes) {
      const Plane source = noise(width, height, width * 1000 + height);
      for (const uint32_t target : {1u, 31u, 32u, 100u}) {
        EXPECT_LE(worst_difference(resize(source, target, target + 1),
                                   pillow_resize(source, target, target + 1)),
                  1)
            << width << "x" << height << " to " << target;
      }
    }
  }
}

TEST(Resize, is_within_one_of_pillow_at_the_usual_size) {
  for (const auto& [width, height] :
       {std::pair{375u, 330u}, {500u, 375u}, {120u, 90u}, {223u, 224u}}) {
    const Plane source = noise(width, height, width);
    EXPECT_LE(worst_difference(resize(source, 224, 224), pillow_resize(source, 224, 224)), 1);
  }
}

TEST(Resize, is_within_one_of_pillow_when_the_picture_is_huge) {
  const Plane source = noise(4001, 650, 5);
  EXPECT_LE(worst_difference(resize(source, 5, 6), pillow_resize(source, 5, 6)), 1);
  EXPECT_LE(worst_difference(resize(source, 40, 650), pillow_resize(source, 40, 650)), 1);
}

TEST(Resize, keeps_a_picture_of_the_target_size) {
  const Plane source = noise(224, 100, 9);
  const std::vector<uint8_t> same = resize(source, 224, 100);
  EXPECT_TRUE(std::equal(same.begin(), same.end(), source.pixels.begin()));
}

TEST(Resize, keeps_every_flat_picture_flat) {
  Plane source = noise(131, 77, 1);
  for (int value = 0; value < 256; ++value) {
    std::fill(source.pixels.begin(), source.pixels.end(), static_cast<uint8_t>(value));
    for (const uint32_t target : {1u, 40u, 224u}) {
      for (const uint8_t pixel : resize(source, target, 30)) ASSERT_EQ(pixel, value);
    }
  }
}

TEST(Resize, is_the_same_on_every_simd_target) {
  for (const auto& [width, height] : {std::pair{375u, 330u}, {63u, 500u}, {900u, 40u}}) {
    const Plane source = noise(width, height, width);
    const std::vector<uint8_t> best = resize(source, 224, 100);
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      EXPECT_EQ(resize(source, 224, 100), best) << hwy::TargetName(target);
    }
    hwy::SetSupportedTargetsForTest(0);
  }
}

TEST(Resize, mirrors_both_axes) {
  const Plane source = noise(150, 90, 3);
  AxisSpec columns = whole_axis(150, 70);
  AxisSpec rows = whole_axis(90, 50);
  std::vector<uint8_t> plain = resize(source, columns, rows);
  columns.mirror = rows.mirror = true;
  std::reverse(plain.begin(), plain.end());
  EXPECT_EQ(resize(source, columns, rows), plain);
}

TEST(Resize, never_uses_what_is_behind_the_plane) {
  Plane source = noise(100, 60, 4);
  const std::vector<uint8_t> before = resize(source, 90, 55);
  std::fill(source.pixels.end() - 64, source.pixels.end(), uint8_t{0x5a});
  EXPECT_EQ(resize(source, 90, 55), before);
}

}  // namespace
}  // namespace headrace::ops

// The host twin against the operators of the CPU: resize's own weights and sums bit for bit,
// within 1 of its SIMD kernels and of Pillow, and pixel_format's values for every byte.
#include "headrace/kernels/pictures.h"

#include <gtest/gtest.h>

#include <cstring>

#include "headrace/kernels/weights-inl.h"
#include "headrace/ops/pixel_format.h"
#include "headrace/ops/plain_pictures.h"
#include "headrace/ops/resize.h"
#include "headrace/ops/resize_kernels.h"

namespace headrace::kernels {
namespace {

using ops::AxisSpec;
using ops::Plane;

// Three planes as one interleaved picture.
struct Colors {
  std::vector<Plane> planes;
  std::vector<uint8_t> pixels;
  Colors(uint32_t width, uint32_t height, uint32_t seed) {
    for (uint32_t color = 0; color < 3; ++color) {
      planes.push_back(ops::noise(width, height, seed + color));
    }
    for (size_t i = 0; i < size_t{width} * height; ++i) {
      for (const Plane& plane : planes) pixels.push_back(plane.pixels[i]);
    }
  }
  Picture picture(const AxisSpec& columns, const AxisSpec& rows) const {
    return {pixels.data(), 3 * uint64_t{planes[0].width}, columns, rows};
  }
};

std::vector<std::byte> made(const std::vector<Picture>& pictures, const PictureFormat& format,
                            bool shared = true) {
  std::vector<Picture> batch_list = pictures;
  for (uint32_t i = 0; i < batch_list.size(); ++i) batch_list[i].target_row = i;
  std::vector<std::byte> target(pictures.size() * format.width * format.height * 3 *
                                size_of(format.element));
  PictureBatch batch{.pictures = batch_list.data(),
                     .picture_count = static_cast<uint32_t>(pictures.size()),
                     .target = target.data(),
                     .format = format};
  const PictureLaunch launch = plan_launch(batch_list, batch);
  if (!shared) batch.shared_words = 0;
  run_pictures(batch, launch);
  return target;
}

std::vector<uint8_t> plane_of(const std::vector<std::byte>& chw, uint32_t color, size_t size) {
  std::vector<uint8_t> plane(size);
  std::memcpy(plane.data(), chw.data() + color * size, size);
  return plane;
}

// What the CPU path makes: its SIMD kernels, or their exact form.
std::vector<uint8_t> resized(const Plane& source, const AxisSpec& columns, const AxisSpec& rows,
                             bool exact) {
  ops::AxisWeights across, down;
  across.build(columns);
  down.build(rows);
  const jpeg::PlaneView view = source.view();
  const size_t stride = columns.target + ops::k_row_padding_bytes;
  std::vector<uint16_t> words(ops::columns_scratch_size(source.width));
  std::vector<uint16_t> turned(ops::turned_scratch_size(source.width));
  std::vector<uint8_t> scratch(ops::target_scratch_size(columns.target));
  std::vector<uint8_t> strip(stride * ops::k_strip_rows), all;
  for (uint32_t y = 0; y < rows.target; y += ops::k_strip_rows) {
    const ops::StripJob job{.columns = across,
                            .rows = down,
                            .source = view,
                            .first_row = y,
                            .columns_scratch = words.data(),
                            .turned_scratch = turned.data(),
                            .target_scratch = scratch.data(),
                            .target = {strip.data(), stride}};
    exact ? ops::resize_strip_plain(job, true) : ops::resize_strip(job);
    for (uint32_t r = 0; r < std::min(ops::k_strip_rows, rows.target - y); ++r) {
      all.insert(all.end(), strip.data() + r * stride, strip.data() + r * stride + columns.target);
    }
  }
  return all;
}

const std::vector<std::pair<uint32_t, uint32_t>> k_sizes = {
    {1, 1}, {3, 200}, {31, 33}, {224, 224}, {375, 500}, {640, 97}, {1200, 41}};

// A crop of each kind, to 70 x 37: more than a tile across and down, and not whole ones.
std::vector<std::pair<AxisSpec, AxisSpec>> crops(uint32_t width, uint32_t height) {
  const auto whole = std::pair(ops::whole_axis(width, 70), ops::whole_axis(height, 37));
  auto mirrored = whole;
  mirrored.first.mirror = true;
  auto part = whole;  // as random_resized_crop gives it: the filter sees the box alone
  part.first.begin = 0;
  part.second = {.size = height, .count = height, .resized = 60, .skipped = 11, .target = 37};
  auto scaled = whole;  // a crop that begins between samples, as after decoding at 1/2
  scaled.first = {.begin = 1,
                  .size = 2 * width - 1,
                  .step = 2,
                  .count = width,
                  .resized = 70,
                  .target = 70,
                  .mirror = true};
  return {whole, mirrored, part, scaled};
}

TEST(Taps, are_the_weights_of_the_operators_for_every_target) {
  for (const auto& [width, height] : k_sizes) {
    for (const auto& [columns, rows] : crops(width, height)) {
      for (const AxisSpec& spec : {columns, rows}) {
        ops::AxisWeights weights;
        weights.build(spec);
        ASSERT_EQ(taps_of(spec), weights.taps());
        for (uint32_t target = 0; target < spec.target; ++target) {
          Taps taps(spec, target);
          ASSERT_EQ(taps.first(), weights.first(target)) << spec.count << " " << target;
          for (uint32_t tap = 0; tap < taps.count(); ++tap) {
            ASSERT_EQ(taps.next(), weights.weight(tap, target)) << spec.count << " " << target;
          }
        }
      }
    }
  }
}

TEST(Pictures, are_the_cpus_exact_sums_and_within_one_of_its_kernels) {
  const PictureFormat format{.width = 70, .height = 37, .element = Element::uint8};
  for (const auto& [width, height] : k_sizes) {
    const Colors colors(width, height, width * 7 + height);
    for (const auto& [columns, rows] : crops(width, height)) {
      const auto result = made({colors.picture(columns, rows)}, format);
      for (uint32_t color = 0; color < 3; ++color) {
        const auto plane = plane_of(result, color, size_t{70} * 37);
        EXPECT_EQ(plane, resized(colors.planes[color], columns, rows, true))
            << width << "x" << height;
        EXPECT_LE(ops::worst_difference(plane, resized(colors.planes[color], columns, rows, false)),
                  1)
            << width << "x" << height;
      }
    }
  }
}

TEST(Pictures, are_within_one_of_pillow) {
  const PictureFormat format{.width = 100, .height = 60, .element = Element::uint8};
  for (const auto& [width, height] : k_sizes) {
    const Colors colors(width, height, 3);
    const auto result =
        made({colors.picture(ops::whole_axis(width, 100), ops::whole_axis(height, 60))}, format);
    for (uint32_t color = 0; color < 3; ++color) {
      EXPECT_LE(ops::worst_difference(plane_of(result, color, size_t{100} * 60),
                                      ops::pillow_resize(colors.planes[color], 100, 60)),
                1);
    }
  }
}

TEST(Pictures, are_the_same_without_shared_memory_and_beside_others) {
  const PictureFormat format{.width = 70, .height = 37, .element = Element::float16};
  std::vector<Colors> all;
  for (const auto& [width, height] : k_sizes) all.emplace_back(width, height, width);
  std::vector<Picture> pictures;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto crop = crops(k_sizes[i].first, k_sizes[i].second)[i % 4];
    pictures.push_back(all[i].picture(crop.first, crop.second));
  }
  const auto together = made(pictures, format);
  EXPECT_EQ(together, made(pictures, format, false));
  std::vector<std::byte> alone;
  for (const Picture& picture : pictures) {
    const auto one = made({picture}, format);
    alone.insert(alone.end(), one.begin(), one.end());
  }
  EXPECT_EQ(together, alone);
}

TEST(Pictures, are_turned_into_the_row_that_they_are_for) {
  const PictureFormat upright{.width = 70, .height = 37, .element = Element::uint8};
  const PictureFormat turned{.width = 37, .height = 70, .planar = false, .element = Element::uint8};
  const Colors colors(90, 120, 5);
  auto columns = ops::whole_axis(90, 70), rows = ops::whole_axis(120, 37);
  columns.mirror = true;
  const auto plain = made({colors.picture(columns, rows)}, upright);
  Picture picture = colors.picture(columns, rows), beside = picture;
  picture.transpose = true;
  picture.target_row = 1;
  beside = colors.picture(ops::whole_axis(90, 37), ops::whole_axis(120, 70));  // more tiles
  std::vector<std::byte> target(size_t{2} * 3 * 37 * 70);
  const Picture list[] = {picture, beside};
  PictureBatch batch{
      .pictures = list, .picture_count = 2, .target = target.data(), .format = turned};
  run_pictures(batch, plan_launch(list, batch));
  for (size_t y = 0; y < 70; ++y) {
    for (size_t x = 0; x < 37; ++x) {
      for (size_t color = 0; color < 3; ++color) {
        ASSERT_EQ(target[3 * (37 * 70 + y * 37 + x) + color], plain[color * 70 * 37 + x * 70 + y]);
      }
    }
  }
}

TEST(Pictures, take_pictures_that_are_too_large_for_shared_memory) {
  const PictureFormat format{.width = 2, .height = 2, .element = Element::uint8};
  const Colors colors(20000, 3, 1);
  const auto columns = ops::whole_axis(20000, 2), rows = ops::whole_axis(3, 2);
  const auto result = made({colors.picture(columns, rows)}, format);
  EXPECT_EQ(plane_of(result, 1, 4), resized(colors.planes[1], columns, rows, true));
}

TEST(Pictures, have_the_operators_values_for_every_byte_type_and_layout) {
  Colors colors(256, 1, 0);
  for (size_t i = 0; i < colors.pixels.size(); ++i) {
    colors.pixels[i] = static_cast<uint8_t>(i / 3);
  }
  const auto axes = std::pair(ops::whole_axis(256, 256), ops::whole_axis(1, 1));
  for (const auto& [element, type] : {std::pair{Element::uint8, ops::Type::uint8},
                                      {Element::float16, ops::Type::float16},
                                      {Element::bfloat16, ops::Type::bfloat16},
                                      {Element::float32, ops::Type::float32}}) {
    for (const bool planar : {true, false}) {
      for (const float scale : {1.0f, 1e-4f, 7e-8f, 1e5f}) {  // float16's small and infinite too
        const ops::PixelFormat pixels{
            .width = 256,
            .height = 1,
            .layout = planar ? ops::Layout::chw : ops::Layout::hwc,
            .type = type,
            .mean = {0.485f, 0.456f, 0.406f},
            .deviation = {0.229f / scale, 0.224f / scale, 0.225f / scale}};
        const ops::PixelWriter writer(pixels);
        const PictureFormat format = format_of(writer);
        EXPECT_EQ(format.element, element);
        std::vector<uint8_t> ramp(256);
        for (size_t i = 0; i < 256; ++i) ramp[i] = static_cast<uint8_t>(i);
        std::vector<std::byte> expected(writer.row_bytes());
        writer.write_plain(
            {.planes = {{{ramp.data(), 256}, {ramp.data(), 256}, {ramp.data(), 256}}},
             .row_count = 1},
            expected);
        EXPECT_EQ(made({colors.picture(axes.first, axes.second)}, format), expected)
            << name_of(type) << " " << planar << " " << scale;
      }
    }
  }
}

TEST(Pictures, are_the_same_by_words_and_by_bytes_from_any_column_on) {
  constexpr uint32_t k_width = 61, k_height = 40, k_padded = (3 * k_width + 3) / 4 * 4;
  const Colors colors(k_width, k_height, 5);
  std::vector<uint8_t> padded(k_height * k_padded);
  for (uint32_t y = 0; y < k_height; ++y) {
    std::copy_n(colors.pixels.data() + y * 3 * k_width, 3 * k_width, padded.data() + y * k_padded);
  }
  const PictureFormat format{.width = 20, .height = 16, .element = Element::uint8};
  for (uint32_t left = 0; left < 5; ++left) {
    Picture bytes =
        colors.picture(ops::whole_axis(k_width - left, 20), ops::whole_axis(k_height, 16));
    bytes.pixels += 3 * left;
    Picture words = bytes;
    words.pixels = padded.data() + 3 * left;
    words.stride_bytes = k_padded;
    EXPECT_EQ(made({words}, format), made({bytes}, format)) << left;
  }
}

}  // namespace
}  // namespace headrace::kernels

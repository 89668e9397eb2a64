// The whole operator against its steps done plainly: full decode, orientation, crop, Pillow's
// resize, flip. The box is the one that the same draws give; crop_test.cc checks those.
#include "headrace/ops/image.h"

#include <gtest/gtest.h>

#include <cstring>

#include "headrace/base/error.h"
#include "headrace/ops/sample_files.h"

namespace headrace::ops {
namespace {

constexpr uint32_t k_width = 50;
constexpr uint32_t k_height = 41;

using Row = std::vector<uint8_t>;

std::expected<Row, Failure> run(const Image& op, const std::vector<std::byte>& file,
                                const DrawKey& key = {}, observe::StageTimes* times = nullptr) {
  Row row(op.output().row_bytes());
  const auto scratch = op.make_scratch();
  const auto done =
      op.run(file, {.draw = key, .times = times}, *scratch, std::as_writable_bytes(std::span(row)));
  if (!done) return std::unexpected(done.error());
  return row;
}

ImageOptions small(Crop crop) {
  return {.crop = crop,
          .shorter = 64,
          .format = {.width = k_width, .height = k_height, .type = Type::uint8}};
}

Pixels upright(const Pixels& stored, uint8_t exif) {
  const Orientation orientation = orientation_of(exif);
  const Extent size = transposed({stored.width, stored.height}, orientation.transpose);
  Pixels result{size.width, size.height, {}};
  for (uint32_t y = 0; y < size.height; ++y) {
    for (uint32_t x = 0; x < size.width; ++x) {
      const Box from = stored_box({x, y, 1, 1}, {stored.width, stored.height}, orientation);
      const uint8_t* pixel = stored.rgb.data() + 3 * (size_t{from.y} * stored.width + from.x);
      result.rgb.insert(result.rgb.end(), pixel, pixel + 3);
    }
  }
  return result;
}

Plane cut(const Plane& plane, const Box& box) {
  Plane result{box.width, box.height, {}};
  for (uint32_t y = 0; y < box.height; ++y) {
    const auto from = plane.pixels.begin() + (box.y + y) * plane.width + box.x;
    result.pixels.insert(result.pixels.end(), from, from + box.width);
  }
  result.pixels.resize(result.pixels.size() + 64);
  return result;
}

Row expected_row(const Pixels& picture, const Frame& frame, bool flip) {
  Row row;
  for (size_t c = 0; c < 3; ++c) {
    const Plane source = cut(picture.plane(c), frame.source);
    Plane resized{frame.resized.width, frame.resized.height,
                  pillow_resize(source, frame.resized.width, frame.resized.height)};
    Plane shown = cut(resized, frame.shown);
    for (uint32_t y = 0; flip && y < shown.height; ++y) {
      const auto line = shown.pixels.begin() + y * shown.width;
      std::reverse(line, line + shown.width);
    }
    row.insert(row.end(), shown.pixels.begin(), shown.pixels.end() - 64);
  }
  return row;
}

TEST(Image, equals_decode_then_crop_then_pillows_resize_for_every_orientation) {
  const Pixels pixels = sample_pixels(123, 77);
  for (uint8_t exif = 0; exif <= 8; ++exif) {
    const std::vector<std::byte> file = encode_jpeg(pixels, exif);
    const Pixels picture = upright(decode_jpeg(file), exif);
    for (uint64_t id = 0; id < 8; ++id) {
      ImageOptions options = small(Crop::random_resized);
      options.dct_scaling = false;
      options.flip_probability = id % 2 == 0 ? 0 : 1;
      const DrawKey key{.seed = 5, .sample_id = id};
      Draws draws(key);
      const Box box = random_resized_crop({picture.width, picture.height}, {}, draws);
      const Row expected = expected_row(picture, frame_of(box, {k_width, k_height}), id % 2 == 1);
      EXPECT_LE(worst_difference(run(Image(options), file, key).value(), expected), 1)
          << "orientation " << int{exif} << ", sample " << id;
    }
  }
}

TEST(Image, tells_what_it_shows_of_a_jpeg_and_nothing_of_what_only_it_can_decode) {
  const Pixels pixels = sample_pixels(123, 77);
  const Image op(small(Crop::center));
  for (uint8_t exif = 1; exif <= 8; ++exif) {
    const auto shown = op.shown_of(encode_jpeg(pixels, exif), {});
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->stored, (Extent{123, 77}));
    EXPECT_EQ(shown->transpose, exif > 4);
    EXPECT_TRUE(shown->baseline);
    EXPECT_EQ(shown->reach.columns.target, exif > 4 ? k_height : k_width);
    EXPECT_EQ(shown->reach.columns.count, shown->reach.decoded.width);
    EXPECT_EQ(shown->reach.rows.count, shown->reach.decoded.height);
  }
  EXPECT_FALSE(op.shown_of(encode_png(pixels, PngKind::rgb), {}));
  std::vector<std::byte> cut = encode_jpeg(pixels);
  cut.resize(cut.size() - 2);
  EXPECT_FALSE(op.shown_of(cut, {}));
  ImageOptions strict = small(Crop::center);
  strict.limit_pixels = 100;
  EXPECT_FALSE(Image(strict).shown_of(encode_jpeg(pixels), {}));
}

TEST(Image, equals_resize_then_center_crop) {
  for (const uint8_t exif : {uint8_t{1}, uint8_t{6}}) {
    const std::vector<std::byte> file = encode_jpeg(sample_pixels(191, 117), exif);
    const Pixels picture = upright(decode_jpeg(file), exif);
    const Frame frame = center_crop({picture.width, picture.height}, {k_width, k_height}, 64);
    EXPECT_LE(worst_difference(run(Image(small(Crop::center)), file).value(),
                               expected_row(picture, frame, false)),
              1);
  }
}

TEST(Image, takes_png_and_webp_whatever_the_crop) {
  const Pixels pixels = sample_pixels(99, 80);
  const Frame frame = frame_of({0, 0, 99, 80}, {k_width, k_height});
  const Row expected = expected_row(pixels, frame, false);
  const Image op(small(Crop::none));
  EXPECT_LE(worst_difference(run(op, encode_png(pixels, PngKind::rgb)).value(), expected), 1);
  EXPECT_LE(worst_difference(run(op, encode_webp_lossless(pixels)).value(), expected), 1);
}

TEST(Image, is_close_to_exact_when_it_decodes_at_a_smaller_scale) {
  const std::vector<std::byte> file = encode_jpeg(sample_pixels(450, 400), 3);
  ImageOptions options = small(Crop::none);
  const Row scaled = run(Image(options), file).value();
  options.dct_scaling = false;
  const Row exact = run(Image(options), file).value();
  double total = 0;
  for (size_t i = 0; i < exact.size(); ++i) total += std::abs(exact[i] - scaled[i]);
  EXPECT_LT(total / static_cast<double>(exact.size()), 1.5);
  EXPECT_LE(worst_difference(scaled, exact), 12);
}

TEST(Image, normalizes_exactly_its_own_bytes) {
  const std::vector<std::byte> file = encode_jpeg(sample_pixels(100, 100));
  ImageOptions options = small(Crop::random_resized);
  const Row bytes = run(Image(options), file).value();
  options.format.type = Type::float32;
  options.format.mean = {0.4f, 0.5f, 0.6f};
  const Row floats = run(Image(options), file).value();
  const PixelWriter writer(options.format);
  for (size_t i = 0; i < bytes.size(); ++i) {
    float value;
    std::memcpy(&value, floats.data() + 4 * i, 4);
    ASSERT_EQ(value, writer.float_of(i / (k_width * k_height), bytes[i]));
  }
}

TEST(Image, flips_as_often_as_it_is_told) {
  const std::vector<std::byte> file = encode_png(sample_pixels(20, 20), PngKind::rgb);
  ImageOptions options = small(Crop::none);
  const Row plain = run(Image(options), file).value();
  options.flip_probability = 0.25;
  const Image op(options);
  int flipped = 0;
  for (uint64_t id = 0; id < 400; ++id)
    flipped += run(op, file, {.sample_id = id}).value() != plain;
  EXPECT_NEAR(flipped, 100, 35);
}

TEST(Image, gives_the_same_bytes_whatever_its_scratch_did_before) {
  const Image op(small(Crop::random_resized));
  const std::vector<std::byte> files[] = {
      encode_jpeg(sample_pixels(300, 200), 6), encode_png(sample_pixels(33, 44), PngKind::rgb),
      encode_jpeg(sample_pixels(64, 64)), encode_webp_lossless(sample_pixels(80, 10))};
  const auto scratch = op.make_scratch();
  for (uint64_t id = 0; id < 40; ++id) {
    const auto& file = files[id % 4];
    Row row(op.output().row_bytes());
    ASSERT_TRUE(
        op.run(file, {.draw = {.sample_id = id}}, *scratch, std::as_writable_bytes(std::span(row)))
            .has_value());
    EXPECT_EQ(row, run(op, file, {.sample_id = id}).value());
  }
}

TEST(Image, fails_on_what_is_no_whole_picture_and_on_too_large_ones) {
  const Image op(small(Crop::random_resized));
  EXPECT_FALSE(run(op, {}).has_value());
  EXPECT_FALSE(run(op, std::vector<std::byte>(100)).has_value());
  std::vector<std::byte> file = encode_jpeg(sample_pixels(100, 100));
  file.resize(file.size() / 2);
  EXPECT_FALSE(run(op, file).has_value());
  ImageOptions options = small(Crop::none);
  options.limit_pixels = 99;
  for (const auto& whole :
       {encode_jpeg(sample_pixels(10, 10)), encode_png(sample_pixels(10, 10), PngKind::rgb),
        encode_webp_lossless(sample_pixels(10, 10))}) {
    EXPECT_NE(std::strstr(run(Image(options), whole).error().what, "than the limit"), nullptr);
  }
}

TEST(Image, counts_its_time_by_stage) {
  observe::StageTimes times;
  const Image op(small(Crop::random_resized));
  ASSERT_TRUE(run(op, encode_jpeg(sample_pixels(60, 60)), {}, &times).has_value());
  EXPECT_EQ(times.items(observe::Stage::decode), 1u);
  EXPECT_GT(times.busy_ns(observe::Stage::decode), 0u);
  EXPECT_GT(times.busy_ns(observe::Stage::resize), 0u);
}

TEST(Image, refuses_options_that_make_no_sense) {
  EXPECT_THROW(Image({.random = {.scale_low = 0}}), Error);
  EXPECT_THROW(Image({.random = {.ratio_low = 2, .ratio_high = 1}}), Error);
  EXPECT_THROW(Image({.flip_probability = 1.1}), Error);
  EXPECT_THROW(Image({.crop = Crop::center, .shorter = 100}), Error);
}

}  // namespace
}  // namespace headrace::ops

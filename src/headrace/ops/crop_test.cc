// Boxes: torchvision's algorithm followed by hand, orientation checked pixel by pixel.
#include "headrace/ops/crop.h"

#include <gtest/gtest.h>

#include <cmath>

namespace headrace::ops {
namespace {

TEST(RandomResizedCrop, stays_inside_and_keeps_scale_and_ratio) {
  const Extent picture{500, 375};
  double area = 0;
  for (uint64_t id = 0; id < 2000; ++id) {
    Draws draws({.seed = 1, .sample_id = id});
    const Box box = random_resized_crop(picture, {}, draws);
    ASSERT_LE(box.x + box.width, 500u);
    ASSERT_LE(box.y + box.height, 375u);
    const double ratio = static_cast<double>(box.width) / box.height;
    ASSERT_GT(ratio, 0.74);
    ASSERT_LT(ratio, 1.35);
    area += box.width * box.height / (500.0 * 375.0);
  }
  EXPECT_NEAR(area / 2000, 0.44, 0.03);  // large draws that do not fit are drawn again
}

TEST(RandomResizedCrop, draws_scale_then_ratio_then_row_then_column) {
  const DrawKey key{.seed = 9, .epoch = 2, .sample_id = 77};
  Draws draws(key);
  const Box box = random_resized_crop({500, 375}, {.scale_low = 0.1, .scale_high = 0.2}, draws);
  Draws again(key);
  const double area = 500 * 375 * again.uniform(0.1, 0.2);
  const double ratio = std::exp(again.uniform(std::log(0.75), std::log(4.0 / 3)));
  const auto width = static_cast<uint32_t>(std::nearbyint(std::sqrt(area * ratio)));
  const auto height = static_cast<uint32_t>(std::nearbyint(std::sqrt(area / ratio)));
  const uint32_t y = again.below(375 - height + 1);
  const uint32_t x = again.below(500 - width + 1);
  EXPECT_EQ(box, (Box{x, y, width, height}));
  EXPECT_EQ(draws.next_u32(), again.next_u32());
}

TEST(RandomResizedCrop, falls_back_to_the_center_of_a_picture_too_long) {
  Draws draws({});
  EXPECT_EQ(random_resized_crop({3000, 30}, {.scale_low = 0.9}, draws), (Box{1480, 0, 40, 30}));
  EXPECT_EQ(random_resized_crop({30, 3000}, {.scale_low = 0.9}, draws), (Box{0, 1480, 30, 40}));
}

TEST(RandomResizedCrop, takes_every_tiny_picture) {
  for (uint32_t width = 1; width < 6; ++width) {
    for (uint32_t height = 1; height < 6; ++height) {
      for (uint64_t id = 0; id < 50; ++id) {
        Draws draws({.sample_id = id});
        const Box box = random_resized_crop({width, height}, {}, draws);
        ASSERT_TRUE(box.width >= 1 && box.x + box.width <= width);
        ASSERT_TRUE(box.height >= 1 && box.y + box.height <= height);
      }
    }
  }
}

TEST(CenterCrop, follows_torchvisions_lengths_and_offsets) {
  const Frame frame = center_crop({500, 375}, {224, 224}, 256);
  EXPECT_EQ(frame.source, (Box{0, 0, 500, 375}));
  EXPECT_EQ(frame.resized, (Extent{341, 256}));
  EXPECT_EQ(frame.shown, (Box{58, 16, 224, 224}));  // 58.5 is rounded to even
  EXPECT_EQ(center_crop({333, 500}, {224, 224}, 256).resized, (Extent{256, 384}));
  EXPECT_EQ(center_crop({7, 7}, {224, 224}, 224).shown, (Box{0, 0, 224, 224}));
}

// Stored pixels of a 3x2 picture are numbered by row; `upright` is what a viewer shows.
TEST(Orientation, maps_every_pixel_as_exif_says) {
  const char* const stored = "abcdef";
  const char* const upright[9] = {"",       "abcdef", "cbafed", "fedcba", "defabc",
                                  "adbecf", "daebfc", "fcebda", "cfbead"};
  for (uint8_t exif = 1; exif <= 8; ++exif) {
    const Orientation orientation = orientation_of(exif);
    const Extent size = transposed({3, 2}, orientation.transpose);
    std::string seen;
    for (uint32_t y = 0; y < size.height; ++y) {
      for (uint32_t x = 0; x < size.width; ++x) {
        const Box pixel = stored_box({x, y, 1, 1}, {3, 2}, orientation);
        seen += stored[pixel.y * 3 + pixel.x];
      }
    }
    EXPECT_EQ(seen, upright[exif]) << int{exif};
  }
}

TEST(Orientation, is_upright_when_the_value_is_none) {
  for (const uint8_t exif : {uint8_t{0}, uint8_t{9}, uint8_t{255}}) {
    const Orientation orientation = orientation_of(exif);
    EXPECT_FALSE(orientation.transpose || orientation.mirror_x || orientation.mirror_y);
  }
}

TEST(ScaleDenominator, never_makes_the_source_smaller_than_the_target) {
  EXPECT_EQ(scale_denominator(frame_of({0, 0, 447, 448}, {224, 224})), 1u);
  EXPECT_EQ(scale_denominator(frame_of({0, 0, 448, 448}, {224, 224})), 2u);
  EXPECT_EQ(scale_denominator(frame_of({0, 0, 2000, 1791}, {224, 224})), 4u);
  EXPECT_EQ(scale_denominator(frame_of({0, 0, 60000, 60000}, {224, 224})), 8u);
}

TEST(Reach, is_the_box_itself_where_all_of_it_is_shown) {
  const Reach reach = reach_of(frame_of({13, 7, 101, 90}, {50, 40}), 1, {});
  EXPECT_EQ(reach.decoded, (Box{13, 7, 101, 90}));
  EXPECT_EQ(reach.columns, whole_axis(101, 50));
  EXPECT_EQ(reach.rows, whole_axis(90, 40));
}

TEST(Reach, counts_the_samples_that_a_scaled_decode_gives) {
  const Reach reach = reach_of(frame_of({13, 8, 1001, 900}, {50, 40}), 8, {});
  EXPECT_EQ(reach.columns.begin, 5);
  EXPECT_EQ(reach.columns.count, 127u - 1);
  EXPECT_EQ(reach.rows.begin, 0);
  EXPECT_EQ(reach.rows.count, 113u);
}

TEST(Reach, leaves_out_what_no_shown_pixel_needs) {
  const Reach reach = reach_of(center_crop({2000, 1000}, {100, 100}, 200), 1, {});
  EXPECT_LT(reach.decoded.width, 530u);
  EXPECT_LT(reach.decoded.height, 530u);
  AxisWeights part;
  AxisWeights all;
  part.build(reach.columns);
  all.build(whole_axis(2000, 400));
  for (uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(part.first(i) + reach.decoded.x, all.first(i + 150));
    for (uint32_t t = 0; t < all.taps(); ++t) {
      ASSERT_EQ(part.weight(t, i), all.weight(t, i + 150));
    }
  }
}

// Color at half the size: the shown part has the weights that the whole plane would give it.
TEST(Reach, reaches_as_far_as_the_coarsest_plane_needs) {
  const Reach reach = reach_of(center_crop({2001, 1000}, {100, 100}, 800), 1, {}, 2);
  const uint32_t first = reach.decoded.x / 2;
  const CoarseAxis plane{.step = 2,
                         .offset = reach.decoded.x % 2,
                         .count = (reach.decoded.x + reach.decoded.width + 1) / 2 - first};
  AxisWeights part, all;
  part.build(coarser(reach.columns, plane));
  AxisSpec whole = whole_axis(2001, 1600);
  whole.step = 2;
  whole.count = 1001;
  all.build(whole);
  ASSERT_EQ(part.taps(), all.taps());
  for (uint32_t i = 0; i < 100; ++i) {
    EXPECT_EQ(part.first(i) + first, all.first(i + 750));
    for (uint32_t t = 0; t < all.taps(); ++t) {
      ASSERT_EQ(part.weight(t, i), all.weight(t, i + 750));
    }
  }
}

}  // namespace
}  // namespace headrace::ops

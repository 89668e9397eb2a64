// What the kernels are told of a picture: every MCU in one interval, blocks side by side, and files
// that are not for them refused without a trace.
#include "headrace/kernels/jpeg_plan.h"

#include <gtest/gtest.h>

#include "headrace/jpeg/sample_pictures.h"

namespace headrace::kernels {
namespace {

TEST(JpegPlan, has_each_mcu_in_one_interval_inside_the_file) {
  const auto first = jpeg::make_sample({.width = 100, .height = 60, .restart_interval_mcus = 4});
  const auto second = jpeg::make_sample({.width = 40, .height = 40});
  JpegPlan plan;
  ASSERT_TRUE(plan.add(first, 0, nullptr));
  ASSERT_TRUE(plan.add(second, first.size(), nullptr));
  uint32_t next_mcu[2] = {};
  for (const JpegInterval& interval : plan.intervals()) {
    EXPECT_EQ(interval.first_mcu, next_mcu[interval.picture_index]);
    next_mcu[interval.picture_index] += interval.mcu_count;
    const uint64_t begin = interval.picture_index == 0 ? 0 : first.size();
    const uint64_t end = begin + (interval.picture_index == 0 ? first.size() : second.size());
    EXPECT_GE(interval.offset_bytes, begin);
    EXPECT_LE(interval.offset_bytes + interval.size_bytes, end);
  }
  EXPECT_EQ(next_mcu[0], 7u * 4);
  EXPECT_EQ(next_mcu[1], 3u * 3);
  EXPECT_EQ(plan.intervals().size(), 7u + 1);
}

TEST(JpegPlan, gives_blocks_places_of_their_own) {
  JpegPlan plan;
  ASSERT_TRUE(plan.add(jpeg::make_sample({.width = 40, .height = 40}), 0, nullptr));
  ASSERT_TRUE(plan.add(jpeg::make_sample({.width = 17, .height = 9}), 0, nullptr));
  uint64_t next = 0;
  for (const JpegPicture& picture : plan.pictures()) {
    for (uint32_t part = 0; part < picture.component_count; ++part) {
      EXPECT_EQ(picture.parts[part].first_block, next);
      next += uint64_t{picture.parts[part].blocks_wide} * picture.parts[part].blocks_high;
    }
  }
  EXPECT_EQ(plan.block_count(), next);
  EXPECT_EQ(plan.launch().most_pixels, 40u * 40);
  plan.clear();
  EXPECT_EQ(plan.block_count(), 0u);
}

TEST(JpegPlan, refuses_what_the_kernels_do_not_take_and_keeps_nothing_of_it) {
  JpegPlan plan;
  const auto whole = jpeg::make_sample({.restart_interval_mcus = 2});
  for (size_t size = 0; size < whole.size(); size += 41) {
    EXPECT_FALSE(plan.add(std::span(whole).first(size), 0, nullptr)) << size;
  }
  EXPECT_FALSE(plan.add(jpeg::make_sample({.progressive = true}), 0, nullptr));
  EXPECT_FALSE(plan.add(jpeg::make_sample({.color = jpeg::SampleColor::cmyk}), 0, nullptr));
  EXPECT_TRUE(plan.pictures().empty());
  EXPECT_TRUE(plan.intervals().empty());
  EXPECT_TRUE(plan.tables().empty());
}

}  // namespace
}  // namespace headrace::kernels

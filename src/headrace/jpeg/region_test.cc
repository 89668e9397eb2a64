// Which blocks a box needs, by hand, and the order of needed MCUs against a plain search.
#include "headrace/jpeg/region.h"

#include <gtest/gtest.h>

#include "headrace/base/random.h"

namespace headrace::jpeg {
namespace {

Header header_of(uint32_t width, uint32_t height, uint8_t horizontal, uint8_t vertical) {
  Header header;
  header.width = width;
  header.height = height;
  header.component_count = 3;
  for (auto& component : header.components) component.horizontal = component.vertical = 1;
  header.components[0].horizontal = horizontal;
  header.components[0].vertical = vertical;
  header.scan.component_count = 3;
  for (uint8_t index = 0; index < 3; ++index) header.scan.component_indexes[index] = index;
  return header;
}

TEST(Region, is_the_blocks_that_a_box_touches) {
  const Region region = region_of(header_of(100, 60, 2, 2), {17, 8, 30, 24}, Context::none);
  const ComponentRegion& luma = region.components[0];
  EXPECT_EQ(luma.block_columns.first, 2u);
  EXPECT_EQ(luma.block_columns.end, 6u);
  EXPECT_EQ(luma.block_rows.first, 1u);
  EXPECT_EQ(luma.block_rows.end, 4u);
  const ComponentRegion& blue = region.components[1];
  EXPECT_EQ(blue.sample_columns.first, 8u);
  EXPECT_EQ(blue.sample_columns.end, 24u);
  EXPECT_EQ(region.mcu_columns.first, 1u);
  EXPECT_EQ(region.mcu_columns.end, 3u);
  EXPECT_EQ(region.mcu_rows.end, 2u);
  EXPECT_EQ(region.mcu_count, 7u * 4);
}

TEST(Region, has_the_neighbours_that_upsampling_mixes_in) {
  const Region region = region_of(header_of(100, 60, 2, 2), {16, 16, 16, 16}, Context::upsampling);
  EXPECT_EQ(region.components[0].block_columns.count(), 2u);
  EXPECT_EQ(region.components[1].sample_columns.first, 7u);
  EXPECT_EQ(region.components[1].sample_columns.end, 17u);
  EXPECT_EQ(region.mcu_columns.count(), 3u);
  const Region edge = region_of(header_of(100, 60, 2, 1), {0, 0, 100, 60}, Context::upsampling);
  EXPECT_EQ(edge.components[1].sample_columns.end, 50u);
  EXPECT_EQ(edge.components[1].sample_rows.end, 60u);
}

TEST(Region, names_the_next_needed_mcu) {
  Draws draws({.seed = 31});
  for (int turn = 0; turn < 200; ++turn) {
    const uint32_t width = 1 + draws.below(200), height = 1 + draws.below(100);
    const uint32_t x = draws.below(width), y = draws.below(height);
    const Box box{x, y, 1 + draws.below(width - x), 1 + draws.below(height - y)};
    const Region region = region_of(header_of(width, height, 2, 2), box, Context::upsampling);
    std::optional<uint64_t> expected;
    for (uint64_t mcu = region.mcu_count + 3; mcu-- > 0;) {
      const auto column = static_cast<uint32_t>(mcu % region.mcus_in_row);
      const auto row = static_cast<uint32_t>(mcu / region.mcus_in_row);
      if (region.mcu_columns.contains(column) && region.mcu_rows.contains(row)) expected = mcu;
      ASSERT_EQ(region.next_needed(mcu), expected) << mcu;
    }
  }
}

}  // namespace
}  // namespace headrace::jpeg

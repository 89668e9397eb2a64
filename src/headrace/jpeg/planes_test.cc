// Splitting rows at every length around the vector width, and Pillow's CMYK arithmetic.
#include "headrace/jpeg/planes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace headrace::jpeg {
namespace {

TEST(Planes, splits_rows_of_any_length_and_writes_nothing_behind_them) {
  for (size_t count = 0; count < 200; ++count) {
    std::vector<uint8_t> row(3 * count);
    for (size_t index = 0; index < row.size(); ++index) row[index] = static_cast<uint8_t>(index);
    std::vector<uint8_t> out[3];
    for (auto& plane : out) plane.assign(count + 1, 0xee);
    split_rgb(row.data(), count, {out[0].data(), out[1].data(), out[2].data()});
    for (size_t plane = 0; plane < 3; ++plane) {
      EXPECT_EQ(out[plane][count], 0xee);
      for (size_t pixel = 0; pixel < count; ++pixel) {
        ASSERT_EQ(out[plane][pixel], row[3 * pixel + plane]) << count << " " << pixel;
      }
    }
  }
}

TEST(Planes, turns_inverted_inks_into_their_product_for_every_pair_of_values) {
  for (unsigned color = 0; color < 256; ++color) {
    for (unsigned black = 0; black < 256; ++black) {
      const uint8_t inks[4] = {static_cast<uint8_t>(color), 255, 0, static_cast<uint8_t>(black)};
      uint8_t red = 1, green = 1, blue = 1;
      convert_cmyk(inks, 1, {&red, &green, &blue});
      ASSERT_EQ(red, black - std::lround((255 - color) * black / 255.0)) << color << " " << black;
      ASSERT_EQ(green, black);
      ASSERT_EQ(blue, 0);
    }
  }
}

}  // namespace
}  // namespace headrace::jpeg

// Every pair of color differences against libjpeg's tables, on every instruction set.
#include "headrace/jpeg/color.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace headrace::jpeg {
namespace {

int fixed(double factor) { return static_cast<int>(std::lround(factor * 65536)); }
uint8_t clamped(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

// 256 pixels with these luma and blue differences and every red difference.
void check_row(int luma, int blue) {
  std::vector<uint8_t> y(256 + k_color_slack_bytes), cb(y.size()), cr(y.size());
  std::vector<uint8_t> r(y.size()), g(y.size()), b(y.size());
  for (size_t index = 0; index < y.size(); ++index) {
    y[index] = static_cast<uint8_t>(luma);
    cb[index] = static_cast<uint8_t>(blue);
    cr[index] = static_cast<uint8_t>(index);
  }
  convert_ycbcr({y.data(), cb.data(), cr.data()}, 256, {r.data(), g.data(), b.data()});
  const int u = blue - 128;
  for (int red = 0; red < 256; ++red) {
    const int v = red - 128;
    const int green_share = -fixed(0.34414) * u - fixed(0.71414) * v + 32768;
    const auto index = static_cast<size_t>(red);
    ASSERT_EQ(r[index], clamped(luma + ((fixed(1.402) * v + 32768) >> 16)));
    ASSERT_EQ(g[index], clamped(luma + (green_share >> 16)));
    ASSERT_EQ(b[index], clamped(luma + ((fixed(1.772) * u + 32768) >> 16)));
  }
}

TEST(Color, equals_the_tables_of_libjpeg_for_every_pair_of_differences) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    for (int blue = 0; blue < 256; ++blue) {
      for (const int luma : {0, 77, 128, 255}) check_row(luma, blue);
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace
}  // namespace headrace::jpeg

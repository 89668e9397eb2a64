// PNG of every color type to exact RGB; truncation, damage and limits.
#include "headrace/ops/png.h"

#include <gtest/gtest.h>

#include "headrace/ops/sample_files.h"

namespace headrace::ops {
namespace {

uint8_t expected_value(const Pixels& pixels, PngKind kind, size_t index, size_t color) {
  const uint8_t red = pixels.rgb[3 * index];
  if (kind == PngKind::grey || kind == PngKind::grey_alpha) return red;
  if (kind != PngKind::palette) return pixels.rgb[3 * index + color];
  return static_cast<uint8_t>(color == 0 ? red : color == 1 ? 255 - red : red / 2);
}

TEST(Png, gives_the_exact_pixels_of_every_kind) {
  const Pixels pixels = sample_pixels(37, 23);
  for (const PngKind kind : {PngKind::rgb, PngKind::rgba, PngKind::grey, PngKind::grey_alpha,
                             PngKind::rgb16, PngKind::palette}) {
    for (const bool interlaced : {false, true}) {
      Picture picture;
      ASSERT_TRUE(decode_png(encode_png(pixels, kind, interlaced), 10000, picture).has_value());
      ASSERT_EQ(picture.width(), 37u);
      for (size_t i = 0; i < 37 * 23; ++i) {
        for (size_t c = 0; c < 3; ++c) {
          ASSERT_EQ(picture.view().planes[c].data[i], expected_value(pixels, kind, i, c))
              << static_cast<int>(kind) << ' ' << i << ' ' << c;
        }
      }
    }
  }
}

TEST(Png, refuses_more_pixels_than_the_limit_before_taking_memory) {
  Picture picture;
  const auto done = decode_png(encode_png(sample_pixels(20, 10), PngKind::rgb), 199, picture);
  EXPECT_STREQ(done.error().what, "PNG has more pixels than the limit");
  EXPECT_EQ(picture.width(), 0u);
}

TEST(Png, refuses_every_truncation_of_its_pixels) {
  const std::vector<std::byte> whole = encode_png(sample_pixels(20, 10), PngKind::rgb);
  for (size_t size = 0; size + 20 < whole.size(); ++size) {
    Picture picture;
    EXPECT_FALSE(decode_png(std::span(whole).first(size), 10000, picture).has_value()) << size;
  }
}

TEST(Png, survives_every_damaged_byte) {
  const std::vector<std::byte> whole = encode_png(sample_pixels(9, 7), PngKind::palette, true);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::vector<std::byte> damaged = whole;
    damaged[i] ^= std::byte{0x41};
    Picture picture;
    (void)decode_png(damaged, 10000, picture);
  }
}

}  // namespace
}  // namespace headrace::ops

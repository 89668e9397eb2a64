// WebP to exact RGB when lossless; truncation, damage and limits.
#include "headrace/ops/webp.h"

#include <gtest/gtest.h>

#include "headrace/ops/sample_files.h"

namespace headrace::ops {
namespace {

TEST(Webp, gives_the_exact_pixels_of_a_lossless_picture) {
  const Pixels pixels = sample_pixels(37, 23);
  Picture picture;
  ASSERT_TRUE(decode_webp(encode_webp_lossless(pixels), 10000, picture).has_value());
  for (size_t i = 0; i < 37 * 23; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      ASSERT_EQ(picture.view().planes[c].data[i], pixels.rgb[3 * i + c]);
    }
  }
}

TEST(Webp, refuses_more_pixels_than_the_limit) {
  Picture picture;
  const auto done = decode_webp(encode_webp_lossless(sample_pixels(20, 10)), 199, picture);
  EXPECT_STREQ(done.error().what, "WebP has more pixels than the limit");
}

TEST(Webp, refuses_every_truncation) {
  const std::vector<std::byte> whole = encode_webp_lossless(sample_pixels(20, 10));
  for (size_t size = 0; size < whole.size() - 2; ++size) {
    Picture picture;
    EXPECT_FALSE(decode_webp(std::span(whole).first(size), 10000, picture).has_value()) << size;
  }
}

TEST(Webp, survives_every_damaged_byte) {
  const std::vector<std::byte> whole = encode_webp_lossless(sample_pixels(9, 7));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::vector<std::byte> damaged = whole;
    damaged[i] ^= std::byte{0x41};
    Picture picture;
    (void)decode_webp(damaged, 10000, picture);
  }
}

}  // namespace
}  // namespace headrace::ops

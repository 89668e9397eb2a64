// Telling formats apart by their bytes; planes and parts of them.
#include "headrace/ops/picture.h"

#include <gtest/gtest.h>

#include <string_view>

namespace headrace::ops {
namespace {

PictureKind kind(std::string_view text) { return kind_of(std::as_bytes(std::span(text))); }

TEST(PictureKind, is_told_by_the_first_bytes) {
  EXPECT_EQ(kind("\xff\xd8\xff\xe0"), PictureKind::jpeg);
  EXPECT_EQ(kind("\x89PNG\r\n\x1a\n"), PictureKind::png);
  EXPECT_EQ(kind("RIFF1234WEBPVP8 "), PictureKind::webp);
  for (const char* text : {"", "\xff\xd8", "RIFF1234WEB", "RIFF1234WAVE", "GIF89a", "\x89PNG\n"}) {
    EXPECT_EQ(kind(text), PictureKind::unknown) << text;
  }
}

TEST(Picture, splits_rows_into_planes_and_gives_parts) {
  Picture picture;
  picture.resize(2, 2);
  const uint8_t rows[2][6] = {{1, 2, 3, 4, 5, 6}, {7, 8, 9, 10, 11, 12}};
  picture.set_row(0, rows[0]);
  picture.set_row(1, rows[1]);
  const jpeg::ImageView part = part_of(picture.view(), {1, 1, 1, 1});
  EXPECT_EQ(part.planes[0].data[0], 10);
  EXPECT_EQ(part.planes[2].data[0], 12);
  EXPECT_EQ(part.width(), 1u);
}

}  // namespace
}  // namespace headrace::ops

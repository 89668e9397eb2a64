// Bytes decide, also when there are too few of them.
#include "headrace/formats/image_kind.h"

#include <gtest/gtest.h>

#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

TEST(ImageKind, tells_by_the_first_bytes) {
  EXPECT_EQ(sniff_image(bytes_of("\xff\xd8\xff\xe0")), ImageKind::jpeg);
  EXPECT_EQ(sniff_image(bytes_of("\x89PNG\r\n\x1a\nIHDR")), ImageKind::png);
  EXPECT_EQ(sniff_image(bytes_of("RIFFxxxxWEBPVP8 ")), ImageKind::webp);
  for (const char* text : {"", "\xff\xd8", "\x89PNG", "RIFFxxxxWAVE", "RIFFxxxx", "GIF89a"}) {
    EXPECT_EQ(sniff_image(bytes_of(text)), ImageKind::unknown) << text;
  }
}

TEST(ImageKind, image_fields_go_by_the_last_part_of_their_name) {
  for (const char* name : {"jpg", "jpeg", "seg.png", "JPG", "a.b.webp"}) {
    EXPECT_TRUE(is_image_field(name)) << name;
  }
  for (const char* name : {"cls", "jpg.txt", "", "xjpg"})
    EXPECT_FALSE(is_image_field(name)) << name;
  EXPECT_STREQ(extension_of(ImageKind::webp), "webp");
}

}  // namespace
}  // namespace headrace::formats

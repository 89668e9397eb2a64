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

TEST(ImageKind, jpegs_are_described_by_their_markers) {
  const auto describe = [](std::string_view text) { return describe_image(bytes_of(text)); };
  using namespace std::string_view_literals;
  EXPECT_EQ(describe("\xff\xd8\xff\xc0\x00\x04xx\xff\xda\x00\x02"sv), "jpeg baseline");
  EXPECT_EQ(describe("\xff\xd8\xff\xe0\x00\x04xx\xff\xc2\x00\x02\xff\xda\x00\x02"sv),
            "jpeg progressive");
  EXPECT_EQ(describe("\xff\xd8\xff\xdd\x00\x04\x00\x07\xff\xc0\x00\x02"sv),
            "jpeg baseline, restart intervals");
  EXPECT_EQ(describe("\xff\xd8\xff\xdd\x00\x04"sv), "jpeg");
  EXPECT_EQ(describe("\xff\xd8\xff\xff\xff\xff"sv), "jpeg");
  EXPECT_EQ(describe("\xff\xd8\xff\xe0\x00\x00"sv), "jpeg");
  EXPECT_EQ(describe(""), "unknown");
}

TEST(ImageKind, image_fields_go_by_the_last_part_of_their_name) {
  for (const char* name : {"jpg", "jpeg", "seg.png", "JPG", "a.b.webp"}) {
    EXPECT_TRUE(is_image_field(name)) << name;
  }
  for (const char* name : {"cls", "jpg.txt", "", "xjpg"})
    EXPECT_FALSE(is_image_field(name)) << name;
  EXPECT_STREQ(extension_of(ImageKind::webp), "webp");
}

TEST(ImageKind, other_formats_names_may_be_images) {
  EXPECT_TRUE(may_be_image_field("image/encoded"));
  EXPECT_FALSE(may_be_image_field("jpg"));
  EXPECT_FALSE(may_be_image_field("image/class/label"));
}

}  // namespace
}  // namespace headrace::formats

// Recoded pictures decode to the same pixels, can be entered at their restart intervals, and keep
// what matters.
#include "headrace/jpeg/recode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "headrace/jpeg/header.h"
#include "headrace/jpeg/sample_pictures.h"

namespace headrace::jpeg {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

bool contains(const std::vector<std::byte>& bytes, std::string_view text) {
  const auto wanted = bytes_of(text);
  return std::search(bytes.begin(), bytes.end(), wanted.begin(), wanted.end()) != bytes.end();
}

bool is_taken(const SampleOptions& options) {
  const bool color = options.color == SampleColor::grey || options.color == SampleColor::ycbcr;
  return color && !options.progressive && !options.arithmetic;
}

TEST(Recode, keeps_every_pixel_of_every_sequential_picture) {
  for (const SampleOptions& options : all_samples()) {
    if (!is_taken(options)) continue;
    const std::vector<std::byte> before = make_sample(options);
    const auto after = recode(before);
    ASSERT_TRUE(after.has_value()) << name_of(options) << ": " << after.error().failure.what;
    const Oracle wanted = decode_whole(before), got = decode_whole(*after);
    ASSERT_EQ(got.width, wanted.width);
    for (size_t plane = 0; plane < 3; ++plane) {
      ASSERT_EQ(got.planes[plane], wanted.planes[plane]) << name_of(options);
    }
    const auto header = parse_header(*after);
    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->restart_interval_mcus, restart_interval_for(header->mcus_in_row()));
    EXPECT_EQ(header->scan.component_count, header->component_count);
  }
}

TEST(Recode, gives_the_own_kind_for_common_samplings) {
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {2, 2}}) {
    const auto after = recode(make_sample({.horizontal = horizontal, .vertical = vertical}));
    ASSERT_TRUE(after.has_value());
    EXPECT_TRUE(is_own_kind(*parse_header(*after)));
  }
}

TEST(Recode, makes_a_photograph_sized_picture_smaller_in_spite_of_its_restart_markers) {
  const auto before = make_sample({.width = 500, .height = 375, .quality = 90});
  const auto after = recode(before);
  ASSERT_TRUE(after.has_value());
  EXPECT_LT(after->size(), before.size());
}

TEST(Recode, of_a_recoded_picture_changes_nothing) {
  const auto once = recode(make_sample({.width = 131, .height = 75}));
  ASSERT_TRUE(once.has_value());
  const auto twice = recode(*once);
  ASSERT_TRUE(twice.has_value());
  EXPECT_EQ(*twice, *once);
}

TEST(Recode, chooses_the_smallest_divisor_from_4_to_12_or_the_whole_row) {
  EXPECT_EQ(restart_interval_for(32), 4u);
  EXPECT_EQ(restart_interval_for(63), 7u);
  EXPECT_EQ(restart_interval_for(22), 11u);
  EXPECT_EQ(restart_interval_for(23), 23u);
  EXPECT_EQ(restart_interval_for(3), 3u);
  EXPECT_EQ(restart_interval_for(1), 1u);
  const auto after = recode(make_sample({}), {.restart_interval_mcus = 2});
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(parse_header(*after)->restart_interval_mcus, 2u);
}

TEST(Recode, keeps_orientation_and_profile_and_drops_comments) {
  const std::string exif("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0", 28);
  auto bytes = with_segment(make_sample({}), 0xe1, bytes_of(exif));
  bytes = with_segment(bytes, 0xe2, bytes_of(std::string("ICC_PROFILE\0\x01\x01rainbow", 21)));
  bytes = with_segment(bytes, 0xfe, bytes_of("a comment"));
  const auto after = recode(bytes);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(parse_header(*after)->exif_orientation, 6);
  EXPECT_TRUE(contains(*after, "rainbow"));
  EXPECT_FALSE(contains(*after, "a comment"));
  const auto bare = recode(bytes, {.keep_color_profile = false});
  ASSERT_TRUE(bare.has_value());
  EXPECT_FALSE(contains(*bare, "rainbow"));
}

TEST(Recode, leaves_other_kinds_alone_and_names_them) {
  const auto kind_of = [](const SampleOptions& options) {
    const auto after = recode(make_sample(options));
    return after.has_value() ? std::string("taken") : name_of(after.error().kind);
  };
  EXPECT_EQ(kind_of({.progressive = true}), "progressive");
  EXPECT_EQ(kind_of({.arithmetic = true}), "arithmetic coding");
  EXPECT_EQ(kind_of({.color = SampleColor::cmyk, .horizontal = 1, .vertical = 1}), "CMYK or RGB");
  EXPECT_EQ(kind_of({.color = SampleColor::rgb, .horizontal = 1, .vertical = 1}), "CMYK or RGB");
}

TEST(Recode, calls_a_file_broken_that_is_cut_off_anywhere) {
  const std::vector<std::byte> bytes = make_sample({.width = 40, .height = 24});
  for (size_t size_bytes = 0; size_bytes < bytes.size(); ++size_bytes) {
    const auto after = recode(std::span(bytes).first(size_bytes));
    ASSERT_FALSE(after.has_value()) << size_bytes;
    EXPECT_EQ(after.error().kind, SkipKind::broken);
    EXPECT_NE(after.error().failure.what[0], '\0');
  }
}

TEST(Recode, after_any_flipped_bit_keeps_the_pixels_or_says_why_not) {
  const std::vector<std::byte> good = make_sample({.width = 24, .height = 16});
  for (size_t at = 0; at < good.size(); ++at) {
    std::vector<std::byte> bytes = good;
    bytes[at] ^= std::byte{0x24};
    const auto after = recode(bytes);
    if (!after.has_value()) continue;
    const Oracle before = decode_whole(bytes);
    if (!before.whole()) continue;
    ASSERT_EQ(decode_whole(*after).planes[0], before.planes[0]) << "byte " << at;
  }
}

}  // namespace
}  // namespace headrace::jpeg

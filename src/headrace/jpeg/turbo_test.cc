// Every box of every kind of picture against the plain full decode, and damaged files against a
// refusal.
#include "headrace/jpeg/turbo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "headrace/jpeg/sample_pictures.h"

namespace headrace::jpeg {
namespace {

std::vector<Box> boxes_of(uint32_t width, uint32_t height, int count, uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](uint32_t bound) { return static_cast<uint32_t>(random() % bound); };
  std::vector<Box> boxes{{0, 0, width, height}, {width - 1, height - 1, 1, 1}, {0, 0, 1, 1}};
  for (int index = 0; index < count; ++index) {
    const uint32_t x = below(width), y = below(height);
    boxes.push_back({x, y, 1 + below(width - x), 1 + below(height - y)});
  }
  return boxes;
}

void expect_exact(TurboDecoder& decoder, const SampleOptions& options, int box_count) {
  const std::vector<std::byte> bytes = make_sample(options);
  const Oracle oracle = decode_whole(bytes);
  ASSERT_TRUE(oracle.whole());
  for (const Box& box : boxes_of(options.width, options.height, box_count, options.width)) {
    const auto view = decoder.decode(bytes, box);
    ASSERT_TRUE(view.has_value()) << name_of(options) << ": " << view.error().what;
    ASSERT_EQ(view->width(), box.width);
    ASSERT_EQ(view->height(), box.height);
    ASSERT_EQ(difference(*view, oracle, box.x, box.y), "")
        << name_of(options) << " box " << box.x << " " << box.y << " " << box.width << " "
        << box.height;
  }
}

TEST(Turbo, gives_the_pixels_of_a_full_decode_for_any_box_of_any_picture) {
  TurboDecoder decoder;
  for (const SampleOptions& options : all_samples()) expect_exact(decoder, options, 25);
}

TEST(Turbo, gives_the_same_pixels_at_every_column_and_row_offset) {
  TurboDecoder decoder;
  for (const auto& [horizontal, vertical] : {std::pair{2, 2}, {2, 1}, {1, 2}, {1, 1}, {4, 1}}) {
    const SampleOptions options{
        .width = 83, .height = 71, .horizontal = horizontal, .vertical = vertical};
    const std::vector<std::byte> bytes = make_sample(options);
    const Oracle oracle = decode_whole(bytes);
    for (uint32_t at = 0; at < 60; ++at) {
      for (const uint32_t side : {1u, 2u, 7u, 11u}) {
        const Box box{.x = at, .y = 59 - at, .width = side, .height = side};
        const auto view = decoder.decode(bytes, box);
        ASSERT_TRUE(view.has_value()) << view.error().what;
        ASSERT_EQ(difference(*view, oracle, box.x, box.y), "")
            << name_of(options) << " at " << at << " side " << side;
      }
    }
  }
}

TEST(Turbo, gives_the_pixels_of_a_scaled_decode_at_a_half_a_quarter_and_an_eighth) {
  TurboDecoder decoder;
  for (const SampleOptions& options : all_samples()) {
    const std::vector<std::byte> bytes = make_sample(options);
    for (const uint32_t by : {2u, 4u, 8u}) {
      const Oracle oracle = decode_whole(bytes, by);
      for (const Box& box : boxes_of(options.width, options.height, 6, by)) {
        const auto view = decoder.decode(bytes, box, {.scale_denominator = by});
        ASSERT_TRUE(view.has_value()) << name_of(options) << ": " << view.error().what;
        ASSERT_EQ(box.x / by + view->width(), (box.x + box.width + by - 1) / by);
        ASSERT_EQ(difference(*view, oracle, box.x / by, box.y / by), "")
            << name_of(options) << " 1/" << by << " box " << box.x << " " << box.y << " "
            << box.width << " " << box.height;
      }
    }
  }
}

TEST(Turbo, refuses_a_file_cut_off_anywhere_and_decodes_the_next_one) {
  TurboDecoder decoder;
  for (const bool progressive : {false, true}) {
    const SampleOptions options{.width = 40, .height = 24, .progressive = progressive};
    const std::vector<std::byte> bytes = make_sample(options);
    for (size_t size_bytes = 0; size_bytes < bytes.size(); ++size_bytes) {
      const std::vector<std::byte> cut(bytes.begin(),
                                       bytes.begin() + static_cast<long>(size_bytes));
      const auto view = decoder.decode(cut, {0, 0, 40, 24});
      ASSERT_FALSE(view.has_value()) << size_bytes << " of " << bytes.size();
      EXPECT_NE(view.error().what[0], '\0');
      EXPECT_LE(view.error().offset_bytes, size_bytes);
    }
    EXPECT_TRUE(decoder.decode(bytes, {0, 0, 40, 24}).has_value());
  }
}

TEST(Turbo, refuses_coded_data_that_end_too_early_in_spite_of_an_end_marker) {
  TurboDecoder decoder;
  std::vector<std::byte> bytes = make_sample({.width = 200, .height = 200});
  bytes.erase(bytes.begin() + static_cast<long>(bytes.size() / 2), bytes.end() - 2);
  EXPECT_FALSE(decoder.decode(bytes, {0, 0, 200, 200}).has_value());
  EXPECT_TRUE(decoder.decode(bytes, {0, 0, 200, 20}).has_value()) << "damage lies below the box";
}

TEST(Turbo, agrees_with_the_plain_decoder_or_refuses_after_any_flipped_bit) {
  TurboDecoder decoder;
  const std::vector<std::byte> good =
      make_sample({.width = 24, .height = 16, .restart_interval_mcus = 1});
  for (size_t at = 0; at < good.size(); ++at) {
    for (const std::byte flip :
         {std::byte{0x01}, std::byte{0x10}, std::byte{0x80}, std::byte{0xff}}) {
      std::vector<std::byte> bytes = good;
      bytes[at] ^= flip;
      const auto view = decoder.decode(bytes, {0, 0, 24, 16});
      if (!view.has_value()) continue;
      const Oracle oracle = decode_whole(bytes);
      if (oracle.whole()) {
        ASSERT_EQ(difference(*view, oracle, 0, 0), "") << "byte " << at;
      }
    }
  }
}

// Without the segments of this code, wherever they stand before the scan.
std::vector<std::byte> without_segments(const std::vector<std::byte>& bytes, uint8_t code) {
  std::vector<std::byte> out(bytes.begin(), bytes.begin() + 2);
  size_t at = 2;
  while (bytes[at + 1] != std::byte{0xda}) {
    const auto size =
        2 + (static_cast<size_t>(bytes[at + 2]) << 8 | static_cast<size_t>(bytes[at + 3]));
    const auto begin = bytes.begin() + static_cast<long>(at);
    if (bytes[at + 1] != std::byte{code})
      out.insert(out.end(), begin, begin + static_cast<long>(size));
    at += size;
  }
  out.insert(out.end(), bytes.begin() + static_cast<long>(at), bytes.end());
  return out;
}

TEST(Turbo, never_uses_the_tables_of_the_picture_before) {
  TurboDecoder decoder;
  const auto good = make_sample({.quality = 20, .optimized = true});
  const Box whole{0, 0, 64, 48};
  ASSERT_TRUE(decoder.decode(good, whole).has_value());
  EXPECT_FALSE(decoder.decode(without_segments(good, 0xdb), whole).has_value());
  ASSERT_TRUE(decoder.decode(good, whole).has_value());
  // Without Huffman tables libjpeg-turbo takes those of the standard, as motion JPEG needs.
  const auto standard = make_sample({.quality = 20});
  const auto view = decoder.decode(without_segments(standard, 0xc4), whole);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(difference(*view, decode_whole(standard), 0, 0), "");
}

TEST(Turbo, gives_the_same_pixels_of_a_progressive_picture_that_lacks_its_last_scans) {
  TurboDecoder decoder;
  auto bytes = make_sample({.width = 131, .height = 75, .progressive = true});
  const std::byte sos[] = {std::byte{0xff}, std::byte{0xda}};
  for (int scan = 0; scan < 3; ++scan) {
    const auto last = std::find_end(bytes.begin(), bytes.end(), std::begin(sos), std::end(sos));
    bytes.erase(last, bytes.end() - 2);
    const Oracle oracle = decode_whole(bytes);
    ASSERT_TRUE(oracle.whole());
    for (const Box& box : boxes_of(131, 75, 20, 5)) {
      const auto view = decoder.decode(bytes, box);
      ASSERT_TRUE(view.has_value());
      ASSERT_EQ(difference(*view, oracle, box.x, box.y), "") << scan;
    }
  }
}

TEST(Turbo, refuses_boxes_that_are_empty_or_leave_the_picture) {
  TurboDecoder decoder;
  const std::vector<std::byte> bytes = make_sample({.width = 64, .height = 48});
  for (const Box& box : {Box{0, 0, 0, 4}, Box{0, 0, 4, 0}, Box{0, 0, 65, 1}, Box{63, 0, 2, 1},
                         Box{0, 48, 1, 1}, Box{0xffffffff, 0, 2, 1}, Box{0, 1, 1, 0xffffffff}}) {
    EXPECT_FALSE(decoder.decode(bytes, box).has_value());
  }
}

TEST(Turbo, refuses_a_picture_above_the_pixel_limit_before_it_takes_memory) {
  std::vector<std::byte> bytes = make_sample({.width = 64, .height = 48});
  for (size_t at = 0; at + 9 < bytes.size(); ++at) {
    if (bytes[at] != std::byte{0xff} || bytes[at + 1] != std::byte{0xc0}) continue;
    for (size_t place = at + 5; place < at + 9; ++place) bytes[place] = std::byte{0xf0};
    break;
  }
  const auto view = TurboDecoder().decode(bytes, {0, 0, 61680, 61680});
  ASSERT_FALSE(view.has_value());
  EXPECT_STREQ(view.error().what, "JPEG has more than 357,913,940 pixels");
}

}  // namespace
}  // namespace headrace::jpeg

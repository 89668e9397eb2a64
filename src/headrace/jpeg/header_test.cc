// What the header says of made pictures, and hostile headers.
#include "headrace/jpeg/header.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "headrace/jpeg/markers.h"
#include "headrace/jpeg/sample_pictures.h"

namespace headrace::jpeg {
namespace {

TEST(Header, tells_size_sampling_and_restart_interval_of_every_picture) {
  for (const SampleOptions& options : all_samples()) {
    const auto bytes = make_sample(options);
    const auto header = parse_header(bytes);
    ASSERT_TRUE(header.has_value()) << name_of(options) << ": " << header.error().what;
    EXPECT_EQ(header->width, options.width);
    EXPECT_EQ(header->height, options.height);
    EXPECT_EQ(header->precision_bits, 8);
    EXPECT_EQ(header->components[0].horizontal, options.horizontal) << name_of(options);
    EXPECT_EQ(header->components[0].vertical, options.vertical) << name_of(options);
    EXPECT_EQ(header->restart_interval_mcus, options.restart_interval_mcus) << name_of(options);
    EXPECT_EQ(header->process == Process::progressive, options.progressive) << name_of(options);
    EXPECT_LT(header->scan.offset_bytes, bytes.size());
    EXPECT_TRUE(has_end_marker(bytes, header->scan.offset_bytes));
  }
}

TEST(Header, knows_the_color_as_the_file_means_it) {
  const auto color_of = [](SampleColor color) {
    return parse_header(make_sample({.color = color, .horizontal = 1, .vertical = 1}))->color;
  };
  EXPECT_EQ(color_of(SampleColor::grey), Color::grey);
  EXPECT_EQ(color_of(SampleColor::ycbcr), Color::ycbcr);
  EXPECT_EQ(color_of(SampleColor::rgb), Color::rgb);
  EXPECT_EQ(color_of(SampleColor::cmyk), Color::cmyk);
  EXPECT_EQ(color_of(SampleColor::ycck), Color::ycck);
}

TEST(Header, counts_the_mcus_of_a_row_and_the_rows) {
  const auto subsampled = parse_header(make_sample({.width = 500, .height = 375}));
  EXPECT_EQ(subsampled->mcus_in_row(), 32u);
  EXPECT_EQ(subsampled->mcu_rows(), 24u);
  const auto grey =
      parse_header(make_sample({.width = 500, .height = 375, .color = SampleColor::grey}));
  EXPECT_EQ(grey->mcus_in_row(), 63u);
  EXPECT_EQ(grey->mcu_rows(), 47u);
}

TEST(Header, points_at_tables_that_lie_inside_the_file) {
  const auto bytes = make_sample({.optimized = true});
  const auto header = parse_header(bytes);
  ASSERT_TRUE(header.has_value());
  for (uint32_t index = 0; index < header->component_count; ++index) {
    const Component& component = header->components[index];
    for (const HuffmanTable* table :
         {&header->dc_tables[component.dc_index], &header->ac_tables[component.ac_index]}) {
      ASSERT_TRUE(table->present);
      uint32_t symbols = 0;
      for (size_t length = 0; length < 16; ++length) {
        symbols += static_cast<uint32_t>(bytes[table->offset_bytes + length]);
      }
      EXPECT_EQ(symbols, table->symbol_count);
      EXPECT_LE(table->offset_bytes + 16 + symbols, header->scan.offset_bytes);
    }
    EXPECT_TRUE(header->quant_tables[component.quant_index].present);
    EXPECT_GT(header->quant_tables[component.quant_index].steps[63], 0);
  }
}

TEST(Header, reads_quantization_steps_of_16_bits) {
  const auto plain = parse_header(make_sample({.quality = 50}));
  const auto coarse = parse_header(make_sample({.quality = 50, .quant_scale = 9}));
  for (size_t index = 0; index < 64; ++index) {
    EXPECT_EQ(coarse->quant_tables[0].steps[index], 9 * plain->quant_tables[0].steps[index]);
  }
}

TEST(Header, takes_the_own_kind_apart_from_all_others) {
  EXPECT_TRUE(is_own_kind(*parse_header(make_sample({}))));
  EXPECT_TRUE(is_own_kind(*parse_header(make_sample({.horizontal = 2, .vertical = 1}))));
  EXPECT_TRUE(is_own_kind(*parse_header(make_sample({.horizontal = 1, .vertical = 1}))));
  EXPECT_TRUE(is_own_kind(
      *parse_header(make_sample({.color = SampleColor::grey, .horizontal = 1, .vertical = 1}))));
  const SampleOptions others[] = {
      {.horizontal = 1, .vertical = 2},
      {.horizontal = 4, .vertical = 1},
      {.progressive = true},
      {.arithmetic = true},
      {.interleaved = false},
      {.color = SampleColor::rgb, .horizontal = 1, .vertical = 1},
      {.color = SampleColor::cmyk, .horizontal = 1, .vertical = 1},
  };
  for (const SampleOptions& options : others) {
    EXPECT_FALSE(is_own_kind(*parse_header(make_sample(options)))) << name_of(options);
  }
}

TEST(Header, finds_the_orientation_in_an_application_segment) {
  const std::string exif("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0", 28);
  const auto* begin = reinterpret_cast<const std::byte*>(exif.data());
  const auto bytes = with_segment(make_sample({}), marker::k_app1, {begin, exif.size()});
  EXPECT_EQ(parse_header(bytes)->exif_orientation, 8);
  EXPECT_EQ(parse_header(make_sample({}))->exif_orientation, 1);
}

TEST(Header, steps_over_fill_bytes_and_garbage_between_segments) {
  auto bytes = make_sample({});
  const std::byte filler[] = {std::byte{0x12}, std::byte{0xff}, std::byte{0}, std::byte{0xff}};
  bytes.insert(bytes.begin() + 2, std::begin(filler), std::end(filler));
  ASSERT_TRUE(parse_header(bytes).has_value());
  EXPECT_EQ(parse_header(bytes)->width, 64u);
}

TEST(Header, refuses_a_file_cut_off_anywhere_before_its_scan) {
  const auto bytes = make_sample({});
  const uint64_t scan_bytes = parse_header(bytes)->scan.offset_bytes;
  for (uint64_t size_bytes = 0; size_bytes < bytes.size(); ++size_bytes) {
    const auto cut = std::span(bytes).first(size_bytes);
    const auto header = parse_header(cut);
    ASSERT_EQ(header.has_value(), size_bytes >= scan_bytes) << size_bytes;
    if (header.has_value()) {
      EXPECT_FALSE(has_end_marker(cut, scan_bytes));
    } else {
      EXPECT_LE(header.error().offset_bytes, size_bytes);
      EXPECT_NE(header.error().what[0], '\0');
    }
  }
}

TEST(Header, stays_inside_the_file_whatever_byte_is_changed) {
  const auto good = make_sample({.width = 16, .height = 16, .restart_interval_mcus = 1});
  std::set<std::string> reasons;
  for (size_t at = 0; at < parse_header(good)->scan.offset_bytes; ++at) {
    for (unsigned value = 0; value < 256; ++value) {
      auto bytes = good;
      bytes[at] = static_cast<std::byte>(value);
      const auto header = parse_header(bytes);
      if (!header.has_value()) {
        reasons.insert(header.error().what);
        continue;
      }
      ASSERT_LE(header->scan.offset_bytes, bytes.size());
      ASSERT_GE(header->mcus_in_row(), 1u);
      for (const HuffmanTable& table : header->ac_tables) {
        ASSERT_LE(table.offset_bytes + (table.present ? 16 + table.symbol_count : 0), bytes.size());
      }
    }
  }
  EXPECT_GE(reasons.size(), 15u) << "each kind of damage has words of its own";
}

// libjpeg-turbo warns of junk between segments, so the own decoder leaves such files to it; bytes
// that fill up to a marker are no junk.
TEST(Header, tells_junk_between_segments_from_fill_bytes) {
  const auto bytes = make_sample({});
  for (const auto& [extra, is_junk] : {std::pair<std::vector<uint8_t>, bool>{{}, false},
                                       {{0xff}, false},
                                       {{0xff, 0xff, 0xff}, false},
                                       {{0x00}, true},
                                       {{0xff, 0x00}, true},
                                       {{0x12, 0xff}, true}}) {
    std::vector<std::byte> changed(bytes.begin(), bytes.begin() + 2);
    for (const uint8_t byte : extra) changed.push_back(static_cast<std::byte>(byte));
    changed.insert(changed.end(), bytes.begin() + 2, bytes.end());
    const auto header = parse_header(changed);
    ASSERT_TRUE(header) << header.error().what;
    EXPECT_EQ(header->junk_seen, is_junk) << extra.size();
    EXPECT_EQ(is_own_kind(*header), !is_junk) << extra.size();
    EXPECT_EQ(decode_whole(changed).whole(), !is_junk) << extra.size();
  }
}

TEST(Header, refuses_the_segments_that_libjpeg_turbo_does_not_know) {
  auto bytes = make_sample({});
  for (uint32_t code = 0x02; code < 0xff; ++code) {
    const bool has_a_meaning = code >= 0xc0 && code <= 0xdd && code != 0xdc;
    if (has_a_meaning) continue;
    bytes[3] = static_cast<std::byte>(code);  // of the first segment
    EXPECT_EQ(parse_header(bytes).has_value(), decode_whole(bytes).whole()) << code;
  }
}

}  // namespace
}  // namespace headrace::jpeg

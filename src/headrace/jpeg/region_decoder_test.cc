// Intervals that a region does not touch are not looked into; those that it touches must be sound
// and in order.
#include "headrace/jpeg/region_decoder.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "headrace/jpeg/sample_pictures.h"
#include "headrace/jpeg/unstuff.h"

namespace headrace::jpeg {
namespace {

struct Sample {
  std::vector<std::byte> bytes =
      make_sample({.width = 128, .height = 64, .optimized = true, .restart_interval_mcus = 4});
  Header header = parse_header(bytes).value();

  // The marker behind the nth interval; eight MCUs a row, so two intervals a row.
  size_t marker(int index) const {
    size_t place = header.scan.offset_bytes;
    for (; index > 0; --index) place = *find_marker(bytes, place) + 2;
    return *find_marker(bytes, place);
  }
  const char* decode(Box box) const {
    const auto decoder = std::make_unique<RegionDecoder>();
    const Region region = region_of(header, box, Context::none);
    const auto decoded = decoder->decode(bytes, header, region);
    return decoded ? "" : decoded.error().what;
  }
};
constexpr Box k_first{0, 0, 10, 10}, k_second{70, 0, 10, 10}, k_last{120, 60, 8, 4};

TEST(RegionDecoder, does_not_look_into_intervals_that_the_region_does_not_touch) {
  Sample sample;
  const size_t first = sample.header.scan.offset_bytes;
  std::fill_n(sample.bytes.begin() + static_cast<ptrdiff_t>(first), 20, std::byte{0xfe});
  EXPECT_STRNE(sample.decode(k_first), "");
  EXPECT_STREQ(sample.decode(k_second), "");
  EXPECT_STREQ(sample.decode(k_last), "");
}

TEST(RegionDecoder, refuses_restart_markers_out_of_order) {
  Sample sample;
  sample.bytes[sample.marker(1) + 1] = std::byte{0xd5};
  EXPECT_STREQ(sample.decode(k_first), "");
  EXPECT_STREQ(sample.decode(k_second), "another marker than due in the coded data");
  EXPECT_STREQ(sample.decode(k_last), "another marker than due in the coded data");
}

TEST(RegionDecoder, refuses_an_interval_with_bytes_left_over_or_missing) {
  Sample sample;
  const auto place = static_cast<ptrdiff_t>(sample.marker(0));
  sample.bytes.insert(sample.bytes.begin() + place, 2, std::byte{0x7f});
  EXPECT_STREQ(sample.decode({0, 0, 64, 16}), "coded data are too long");
  EXPECT_STREQ(sample.decode(k_first), "") << "what the box does not need is not read";
  sample.bytes.erase(sample.bytes.begin() + place - 8, sample.bytes.begin() + place + 2);
  EXPECT_STREQ(sample.decode(k_second), "");
  EXPECT_STRNE(sample.decode({0, 0, 64, 16}), "");
}

TEST(RegionDecoder, refuses_a_header_that_lies_about_the_size_before_it_takes_memory) {
  Sample sample;
  sample.header.width = sample.header.height = 65'000;
  EXPECT_STREQ(sample.decode({0, 0, 65'000, 65'000}), "coded data are shorter than the picture");
}

TEST(RegionDecoder, keeps_tables_until_a_file_has_others) {
  const auto first = make_sample({.optimized = true, .seed = 1});
  const auto second = make_sample({.optimized = true, .seed = 2});
  const auto cache = std::make_unique<TableCache>();
  for (const auto* bytes : {&first, &second, &second, &first}) {
    const Header header = parse_header(*bytes).value();
    ASSERT_TRUE(cache->load(*bytes, header));
    for (uint32_t index = 0; index < 2; ++index) {
      const HuffmanTable& source = header.ac_tables[index];
      const auto table = std::make_unique<AcTable>();
      const auto segment = std::span(*bytes).subspan(source.offset_bytes, 16 + source.symbol_count);
      ASSERT_TRUE(build_table(segment, *table));
      EXPECT_TRUE(std::ranges::equal(table->entries, cache->ac(index).entries));
    }
  }
}

TEST(RegionDecoder, refuses_a_bad_table_again_and_again) {
  Sample sample;
  const HuffmanTable& source = sample.header.ac_tables[0];
  sample.bytes[source.offset_bytes] = std::byte{2};
  sample.bytes[source.offset_bytes + 1] = std::byte{0};
  const auto cache = std::make_unique<TableCache>();
  for (int turn = 0; turn < 2; ++turn) {
    const auto loaded = cache->load(sample.bytes, sample.header);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().offset_bytes, source.offset_bytes);
  }
}

}  // namespace
}  // namespace headrace::jpeg

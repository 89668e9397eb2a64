// Every index of a built table against the canonical code it stands for, and tables that are none.
#include "headrace/jpeg/huffman_table.h"

#include <gtest/gtest.h>

#include <vector>

namespace headrace::jpeg {
namespace {

std::vector<std::byte> segment_of(const std::vector<int>& counts, const std::vector<int>& symbols) {
  std::vector<std::byte> segment;
  for (size_t length = 0; length < 16; ++length) {
    segment.push_back(static_cast<std::byte>(length < counts.size() ? counts[length] : 0));
  }
  for (const int symbol : symbols) segment.push_back(static_cast<std::byte>(symbol));
  return segment;
}

// Lengths 1, 2, 3 ... with these symbols in turn.
std::vector<std::byte> staircase(const std::vector<int>& symbols) {
  return segment_of(std::vector<int>(symbols.size(), 1), symbols);
}

TEST(HuffmanTable, finds_codes_of_every_length) {
  DcTable table;
  ASSERT_TRUE(build_table(staircase({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}), table));
  for (uint32_t length = 1; length <= 12; ++length) {
    // length - 1 ones and a zero, the rest arbitrary.
    const uint32_t code = ((1u << length) - 2) << (16 - length);
    const uint32_t top_bits = code | ((1u << (16 - length)) - 1);
    EXPECT_EQ(table.code.find(code, 1).length_bits, length);
    EXPECT_EQ(table.code.find(top_bits, 1).value, length - 1);
    const uint32_t entry = table.entries[code >> (16 - k_dc_index_bits)];
    EXPECT_EQ(entry, length <= k_dc_index_bits ? (length | (length - 1) << 8) : 0);
  }
  EXPECT_EQ(table.code.find(0xffff, 1).length_bits, 0u);
}

TEST(HuffmanTable, packs_two_symbols_where_they_fit) {
  AcTable table;
  // 0: run 0, one bit. 10: end of block. 110: run 2, three bits.
  ASSERT_TRUE(build_table(staircase({0x01, 0x00, 0x23}), table));
  const auto field = [&](uint32_t index, uint32_t from) {
    return static_cast<uint32_t>(table.entries[index] >> from) & 255;
  };
  // 0 1 | 110 and three bits to come: value 1, then three places on.
  const uint32_t pair = 0b0111000000;
  EXPECT_EQ(field(pair, 0), 8u);
  EXPECT_EQ(field(pair, 8), 1u);
  EXPECT_EQ(field(pair, 16), 61u);
  EXPECT_EQ(field(pair, 24), 5u);
  EXPECT_EQ(field(pair, 40), 1u);
  EXPECT_EQ(field(pair, 56), 4u);
  // 0 0 | 10: value -1, then the end.
  const uint32_t ended = 0b0010000000;
  EXPECT_EQ(field(ended, 0), 4u);
  EXPECT_EQ(field(ended, 40), 255u);
  EXPECT_EQ(field(ended, 56), 1u + k_end_skip);
  // The end alone.
  EXPECT_EQ(field(0b1000000000, 0), 2u);
  EXPECT_EQ(field(0b1000000000, 8), k_end_skip);
  EXPECT_EQ(field(0b1000000000, 56), k_end_skip);
  // No code at all.
  EXPECT_EQ(table.entries[0b1111111111], 0u);
}

TEST(HuffmanTable, leaves_runs_of_sixteen_zeros_to_the_slow_way) {
  AcTable table;
  ASSERT_TRUE(build_table(staircase({0xf0, 0x01}), table));
  EXPECT_EQ(table.entries[0], 0u);
  // 10 1 | 0...: the coefficient alone, since a run of zeros follows.
  EXPECT_EQ(table.entries[0b1010000000] & 255, 3u);
}

TEST(HuffmanTable, refuses_what_libjpeg_refuses) {
  AcTable ac;
  DcTable dc;
  EXPECT_FALSE(build_table(segment_of({2}, {0, 1}), ac)) << "the code of ones alone";
  EXPECT_FALSE(build_table(segment_of({1, 2}, {0, 1, 2}), ac));
  EXPECT_FALSE(build_table(segment_of({255, 255, 255}, {}), ac));
  EXPECT_FALSE(build_table(segment_of({1, 1}, {0}), ac)) << "a symbol is missing";
  EXPECT_FALSE(build_table(std::span<const std::byte>(), dc));
  EXPECT_FALSE(build_table(staircase({0, 12}), dc));
  EXPECT_TRUE(build_table(segment_of({}, {}), ac)) << "an empty code decodes nothing";
}

TEST(HuffmanTable, extends_by_the_rule_of_the_standard) {
  EXPECT_EQ(extend(0, 0), 0);
  EXPECT_EQ(extend(0, 1), -1);
  EXPECT_EQ(extend(1, 1), 1);
  EXPECT_EQ(extend(0, 3), -7);
  EXPECT_EQ(extend(3, 3), -4);
  EXPECT_EQ(extend(4, 3), 4);
  EXPECT_EQ(extend(0x7fff, 15), 32767);
}

}  // namespace
}  // namespace headrace::jpeg

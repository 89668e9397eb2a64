// Blocks written bit by bit here come back the same; streams that lie are refused and write nothing
// outside their blocks.
#include "headrace/jpeg/entropy.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <vector>

#include "headrace/base/random.h"

namespace headrace::jpeg {
namespace {

using Block = std::vector<int16_t>;  // natural order

// A complete code of 256 symbols: short ones first, most of 8 and 16 bits.
struct Code {
  std::vector<std::byte> segment;
  std::map<int, std::pair<uint32_t, uint32_t>> words;  // symbol to (code, length)

  Code(const std::vector<int>& counts, const std::vector<int>& symbols) {
    uint32_t word = 0;
    size_t index = 0;
    for (uint32_t length = 1; length <= 16; ++length) {
      const int count = length <= counts.size() ? counts[length - 1] : 0;
      segment.push_back(static_cast<std::byte>(count));
      for (int left = count; left > 0; --left) words[symbols[index++]] = {word++, length};
      word <<= 1;
    }
    for (const int symbol : symbols) segment.push_back(static_cast<std::byte>(symbol));
  }
};

const Code& dc_code() {
  static const Code code({0, 1, 5, 1, 1, 1, 1, 1, 0, 0, 1}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  return code;
}
// Two, two and twelve symbols of 2, 4 and 7 bits, the others of 16.
const Code& ac_code() {
  static const Code code = [] {
    std::vector<int> symbols = {0x01, 0x00, 0x11, 0x02, 0x03, 0x21, 0x31, 0x12,
                                0x04, 0x41, 0x05, 0x51, 0x06, 0x61, 0x13, 0x71};
    for (int symbol = 0; symbol < 256; ++symbol) {
      const bool is_used = (symbol & 15) != 0 || symbol == 0xf0;
      if (is_used && std::ranges::find(symbols, symbol) == symbols.end()) symbols.push_back(symbol);
    }
    const int rest = static_cast<int>(symbols.size()) - 16;
    return Code({0, 2, 0, 2, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, rest}, symbols);
  }();
  return code;
}

class Writer {
 public:
  void put(uint32_t bits, uint32_t count) {
    for (; count > 0; --count, ++bit_count) {
      if (bit_count % 8 == 0) bytes.push_back(0);
      bytes.back() =
          static_cast<uint8_t>(bytes.back() | ((bits >> (count - 1)) & 1) << (7 - bit_count % 8));
    }
  }
  void put_symbol(const Code& code, int run, int value) {
    const uint32_t size =
        static_cast<uint32_t>(std::bit_width(static_cast<uint32_t>(std::abs(value))));
    const auto [word, length] = code.words.at(run << 4 | static_cast<int>(size));
    put(word, length);
    put(static_cast<uint32_t>(value < 0 ? value - 1 : value) & ((1u << size) - 1), size);
  }
  void put_block(const Block& block, int& prediction) {
    put_symbol(dc_code(), 0, block[0] - prediction);
    prediction = block[0];
    int run = 0;
    for (size_t place = 1; place < k_block_size; ++place) {
      const int value = block[k_natural_order[place]];
      if (value == 0 && ++run > 0) continue;
      for (; run > 15; run -= 16) put_symbol(ac_code(), 15, 0);
      put_symbol(ac_code(), run, value);
      run = 0;
    }
    if (run > 0) put_symbol(ac_code(), 0, 0);
  }

  std::vector<uint8_t> bytes;
  uint32_t bit_count = 0;
};

Block random_block(Draws& draws) {
  Block block(k_block_size);
  block[0] = static_cast<int16_t>(draws.below(500));
  const uint32_t density = 1 + draws.below(30), end = 1 + draws.below(64);
  const uint32_t magnitude = 1 + draws.below(draws.below(4) == 0 ? 1000 : 4);
  for (size_t place = 1; place < end; ++place) {
    if (draws.below(density) > 0) continue;
    const int value = static_cast<int>(1 + draws.below(magnitude));
    block[k_natural_order[place]] = static_cast<int16_t>(draws.below(2) == 0 ? value : -value);
  }
  if (draws.below(3) == 0) block[63] = 1;
  return block;
}

struct Stream {
  explicit Stream(const Writer& writer) : bytes(writer.bytes) {
    EXPECT_TRUE(build_table(dc_code().segment, dc));
    EXPECT_TRUE(build_table(ac_code().segment, ac));
    const size_t size = bytes.size();
    bytes.resize(size + k_entropy_slack_bytes);
    state.reader.next = bytes.data();
    state.limit = bytes.data() + size;
  }
  bool decode(uint64_t block_count) {
    coefficients.assign((block_count + 1) * k_block_size, 77);
    used_counts.assign(block_count, 0);
    return decode_mcus(state, layout(), block_count);
  }
  McuLayout layout() { return {{{&dc, &ac, 0, 1, coefficients.data(), used_counts.data()}}, 1}; }

  std::vector<uint8_t> bytes;
  DcTable dc;
  AcTable ac;
  EntropyState state;
  std::vector<int16_t> coefficients;
  std::vector<uint8_t> used_counts;
};

TEST(Entropy, gives_back_what_was_written_on_every_instruction_set) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    Draws draws({.seed = 41});
    for (int turn = 0; turn < 60; ++turn) {
      Writer writer;
      int prediction = 0;
      std::vector<Block> blocks;
      for (uint32_t left = 1 + draws.below(40); left > 0; --left) {
        blocks.push_back(random_block(draws));
        writer.put_block(blocks.back(), prediction);
      }
      Stream stream(writer);
      ASSERT_TRUE(stream.decode(blocks.size()));
      for (size_t index = 0; index < blocks.size(); ++index) {
        const auto first = stream.coefficients.begin() + static_cast<ptrdiff_t>(index * 64);
        ASSERT_EQ(Block(first, first + 64), blocks[index]) << turn << " block " << index;
        const auto last =
            std::find_if(std::rbegin(k_natural_order) + 192, std::rend(k_natural_order),
                         [&](uint8_t place) { return blocks[index][place] != 0; });
        const auto used = std::max<ptrdiff_t>(1, std::rend(k_natural_order) - last);
        ASSERT_EQ(stream.used_counts[index], used);
      }
      EXPECT_EQ(stream.state.unread_bits(),
                static_cast<int64_t>(writer.bytes.size() * 8 - writer.bit_count));
      Stream skipped(writer);
      ASSERT_TRUE(skip_mcus(skipped.state, skipped.layout(), blocks.size()));
      EXPECT_EQ(skipped.state.unread_bits(), stream.state.unread_bits());
      EXPECT_EQ(skipped.state.predictions[0], prediction);
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(Entropy, refuses_a_run_beyond_the_block) {
  for (const int first_run : {0, 14, 15}) {
    Writer writer;
    writer.put_symbol(dc_code(), 0, 3);
    for (int place = 1 + first_run; place < 80; place += 1 + first_run) {
      writer.put_symbol(ac_code(), first_run, place < 50 ? 1 : 2);
    }
    for (int place = 0; place < 8; ++place) writer.put_symbol(ac_code(), 15, 1);
    Stream stream(writer);
    const bool decoded = stream.decode(1);
    // Without gaps the block ends at its 64th place; with gaps the run leaps over it.
    EXPECT_EQ(decoded, first_run == 0) << first_run;
    EXPECT_EQ(stream.coefficients[k_block_size], 77) << "behind the block";
  }
}

TEST(Entropy, refuses_codes_that_are_none_and_stops_soon_behind_the_end) {
  Writer ones;
  for (int byte = 0; byte < 100; ++byte) ones.put(255, 8);
  EXPECT_FALSE(Stream(ones).decode(1));
  Writer nothing;
  Stream stream(nothing);
  EXPECT_FALSE(
      stream.decode(1'000'000 / k_block_size));  // zeros are codes, but soon past the limit
}

TEST(Entropy, refuses_first_coefficients_beyond_16_bits) {
  Writer writer;
  for (int block = 0; block < 20; ++block) {
    writer.put_symbol(dc_code(), 0, 2047);
    writer.put_symbol(ac_code(), 0, 0);
  }
  EXPECT_TRUE(Stream(writer).decode(16));
  EXPECT_FALSE(Stream(writer).decode(17));
}

}  // namespace
}  // namespace headrace::jpeg

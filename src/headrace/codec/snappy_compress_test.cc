// Whatever goes in comes out, and what repeats comes out smaller. Google's library reads the same
// in tests/end_to_end/compressed_test.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "headrace/base/hash.h"
#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"
#include "headrace/codec/snappy.h"

namespace headrace::codec {
namespace {

size_t round_trip(const std::string& text) {
  const auto packed = snappy_compressed(bytes_of(text));
  const auto made = decompressed(Kind::snappy_block, packed, size_t{1} << 16);
  EXPECT_TRUE(made) << text.size() << ": " << (made ? "" : made.error());
  EXPECT_TRUE(made && std::ranges::equal(*made, bytes_of(text))) << text.size();
  return packed.size();
}

TEST(SnappyCompress, gives_back_texts_of_every_size_and_period) {
  for (size_t size = 0; size < 300; ++size) round_trip(std::string(size, 'q'));
  for (size_t period = 1; period < 5000; period = period * 3 / 2 + 1) {
    std::string text;
    for (size_t i = 0; i < size_t{1} << 16; ++i) {
      text.push_back(static_cast<char>(mix64(i % period) & 0x7f));
    }
    EXPECT_LT(round_trip(text), text.size() / 8) << period;
  }
}

TEST(SnappyCompress, of_noise_costs_little_more_than_the_noise) {
  for (const size_t size : {size_t{17}, size_t{1000}, size_t{1} << 16}) {
    std::string noise;
    for (size_t i = 0; i < size; ++i) noise.push_back(static_cast<char>(mix64(i, size) & 0xff));
    EXPECT_LE(round_trip(noise), size + 16 + size / 100);
  }
}

TEST(SnappyCompress, of_words_in_any_order_gives_them_back) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::string text;
    for (uint64_t i = 0; text.size() < 200 + seed * 97; ++i) {
      text.append(1 + mix64(seed, i) % 70, static_cast<char>('a' + mix64(i, seed) % 4));
    }
    EXPECT_LT(round_trip(text), text.size());
  }
}

TEST(SnappyCompress, of_more_than_a_block_is_a_bug) {
  const std::vector<std::byte> large((size_t{1} << 16) + 1);
  EXPECT_DEATH(snappy_compressed(large), "65537");
}

}  // namespace
}  // namespace headrace::codec

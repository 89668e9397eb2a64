// Against a loop of bytes, at every alignment of the vectors.
#include "headrace/jpeg/unstuff.h"

#include <gtest/gtest.h>

#include <vector>

#include "headrace/base/random.h"

namespace headrace::jpeg {
namespace {

std::vector<std::byte> random_bytes(Draws& draws, size_t size_bytes, uint32_t escape_every) {
  std::vector<std::byte> bytes;
  while (bytes.size() < size_bytes) {
    const bool escaped = draws.below(escape_every) == 0;
    bytes.push_back(static_cast<std::byte>(escaped ? 255 : draws.below(255)));
    if (escaped) bytes.push_back(std::byte{0});
  }
  return bytes;
}

TEST(Unstuff, equals_a_loop_of_bytes) {
  Draws draws({.seed = 3});
  for (const uint32_t escape_every : {1u, 2u, 5u, 40u, 100000u}) {
    for (size_t size = 0; size < 150; ++size) {
      const auto source = random_bytes(draws, size, escape_every);
      std::vector<uint8_t> expected;
      for (size_t index = 0; index < source.size(); ++index) {
        expected.push_back(static_cast<uint8_t>(source[index]));
        if (source[index] == std::byte{255}) ++index;
      }
      std::vector<uint8_t> target(source.size() + k_unstuff_slack_bytes);
      target.resize(unstuff(source, target.data()));
      ASSERT_EQ(target, expected) << size << " escapes " << escape_every;
    }
  }
}

TEST(Unstuff, takes_an_escape_without_its_zero_at_the_end) {
  const std::vector<std::byte> source(33, std::byte{255});
  std::vector<uint8_t> target(source.size() + k_unstuff_slack_bytes);
  EXPECT_EQ(unstuff(source, target.data()), 17u);
}

TEST(Unstuff, finds_the_first_marker_at_every_place) {
  Draws draws({.seed = 4});
  for (size_t place = 0; place < 130; ++place) {
    auto bytes = random_bytes(draws, place, 6);
    const size_t expected = bytes.size();
    bytes.push_back(std::byte{255});
    bytes.push_back(std::byte{0xd3});
    for (size_t tail = 0; tail < 70; ++tail) {
      ASSERT_EQ(find_marker(bytes, 0), expected);
      ASSERT_EQ(find_marker(bytes, expected), expected);
      bytes.push_back(std::byte{0});
    }
  }
}

TEST(Unstuff, finds_no_marker_where_there_is_none) {
  Draws draws({.seed = 5});
  for (size_t size = 0; size < 130; ++size) {
    auto bytes = random_bytes(draws, size, 6);
    EXPECT_FALSE(find_marker(bytes, 0));
    EXPECT_FALSE(find_marker(bytes, bytes.size()));
    EXPECT_FALSE(find_marker(bytes, bytes.size() + 9));
    bytes.push_back(std::byte{255});
    EXPECT_FALSE(find_marker(bytes, 0)) << "half a marker";
  }
}

}  // namespace
}  // namespace headrace::jpeg

// Philox equals the published vectors; draws depend on their key alone.
#include "headrace/base/random.h"

#include <gtest/gtest.h>

namespace headrace {
namespace {

// Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
TEST(Philox, equals_the_published_vectors) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Draws, repeat_for_the_same_key) {
  const DrawKey key{.seed = 7, .epoch = 3, .sample_id = 1234567890123, .operator_index = 2};
  Draws first(key), second(key);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first.next_u32(), second.next_u32());
}

TEST(Draws, differ_when_seed_and_epoch_trade_places) {
  Draws first({.seed = 7, .epoch = 8}), second({.seed = 8, .epoch = 7});
  EXPECT_NE(first.next_u32(), second.next_u32());
}

TEST(Draws, below_reaches_each_value_about_equally) {
  Draws draws({.seed = 1});
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[draws.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Draws, uniform_stays_in_its_interval) {
  Draws draws({.seed = 5});
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = draws.uniform(2, 4);
    ASSERT_GE(value, 2);
    ASSERT_LT(value, 4);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 3, 0.05);
}

}  // namespace
}  // namespace headrace

// The measure tells a random order from a stored one, and a wide window from a narrow one.
#include "headrace/order/shuffle_quality.h"

#include <gtest/gtest.h>

#include "headrace/order/order.h"

namespace headrace::order {
namespace {

ShuffleQuality quality(Shuffle shuffle, uint64_t window_samples) {
  std::vector<uint64_t> firsts;
  for (uint64_t first = 0; first <= 100'000; first += 1000) firsts.push_back(first);
  const Order order({.sample_count = 100'000,
                     .shuffle = shuffle,
                     .seed = 5,
                     .window_samples = window_samples,
                     .first_samples = firsts});
  return measure_shuffle(order.epoch(0), 256);
}

TEST(ShuffleQuality, of_a_global_shuffle_is_that_of_a_random_order) {
  const ShuffleQuality q = quality(Shuffle::global, 1);
  EXPECT_NEAR(q.displacement, 1.0 / 3, 0.01);
  EXPECT_NEAR(q.neighbor_distance, 1.0 / 3, 0.01);
  EXPECT_LT(q.adjacent_share, 0.001);
  EXPECT_NEAR(q.batch_spread, 1, 0.02);
}

TEST(ShuffleQuality, of_the_stored_order_is_nothing) {
  const ShuffleQuality q = quality(Shuffle::none, 1);
  EXPECT_EQ(q.displacement, 0);
  EXPECT_EQ(q.adjacent_share, 1);
  EXPECT_LT(q.batch_spread, 0.01);
}

TEST(ShuffleQuality, of_a_window_grows_with_the_window) {
  const double narrow = quality(Shuffle::window, 1000).batch_spread;
  const double wide = quality(Shuffle::window, 16'000).batch_spread;
  EXPECT_GT(wide, narrow + 0.1);
  EXPECT_GT(wide, 0.85);
  EXPECT_LT(quality(Shuffle::window, 16'000).adjacent_share, 0.01);
}

}  // namespace
}  // namespace headrace::order

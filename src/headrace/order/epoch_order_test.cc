// Each epoch's order is a bijection both ways, whatever the shards; windows keep samples near.
#include "headrace/order/epoch_order.h"

#include <gtest/gtest.h>

#include <set>

#include "headrace/base/hash.h"
#include "headrace/order/order.h"

namespace headrace::order {
namespace {

// Shards of 0 to 40 samples, some of them empty.
std::vector<uint64_t> random_shards(uint64_t seed) {
  std::vector<uint64_t> firsts = {0};
  const uint64_t shard_count = 1 + seed % 30;
  for (uint64_t i = 0; i < shard_count; ++i) firsts.push_back(firsts.back() + mix64(seed, i) % 41);
  if (firsts.back() == 0) firsts.back() = 1;
  return firsts;
}

TEST(EpochOrder, is_a_bijection_for_any_shards_window_and_epoch) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const std::vector<uint64_t> firsts = random_shards(seed);
    for (const Shuffle shuffle : {Shuffle::none, Shuffle::global, Shuffle::window}) {
      const Order order({.sample_count = firsts.back(),
                         .shuffle = shuffle,
                         .seed = seed,
                         .window_samples = 1 + mix64(seed) % 200,
                         .first_samples = firsts});
      const EpochOrder epoch = order.epoch(seed % 3);
      std::vector<bool> seen(firsts.back());
      for (uint64_t position = 0; position < firsts.back(); ++position) {
        const uint64_t id = epoch.sample_at(position);
        ASSERT_LT(id, firsts.back());
        ASSERT_FALSE(seen[id]);
        seen[id] = true;
        ASSERT_EQ(epoch.position_of(id), position);
      }
    }
  }
}

// With whole shards of 100 and windows of 150, any 150 neighbors come from few shards.
TEST(EpochOrder, of_a_window_keeps_few_shards_open) {
  std::vector<uint64_t> firsts;
  for (uint64_t first = 0; first <= 10'000; first += 100) firsts.push_back(first);
  const Order order({.sample_count = 10'000,
                     .shuffle = Shuffle::window,
                     .window_samples = 150,
                     .first_samples = firsts});
  const EpochOrder epoch = order.epoch(0);
  for (uint64_t begin = 0; begin + 150 <= 10'000; begin += 50) {
    std::set<uint64_t> shards;
    for (uint64_t i = 0; i < 150; ++i) shards.insert(epoch.sample_at(begin + i) / 100);
    EXPECT_LE(shards.size(), 5);
  }
}

TEST(EpochOrder, of_a_window_has_other_borders_and_shards_each_epoch) {
  const Order order({.sample_count = 1000, .shuffle = Shuffle::window, .window_samples = 100});
  const EpochOrder first = order.epoch(0), second = order.epoch(1);
  int equal_count = 0;
  for (uint64_t i = 0; i < 1000; ++i) equal_count += first.sample_at(i) == second.sample_at(i);
  EXPECT_LT(equal_count, 50);
}

TEST(EpochOrder, many_positions_at_once_are_the_same_samples) {
  const std::vector<uint64_t> first_samples = {0, 40, 40, 130, 300};
  for (const Shuffle shuffle : {Shuffle::none, Shuffle::global, Shuffle::window}) {
    const EpochOrder order({.shuffle = shuffle,
                            .sample_count = 300,
                            .epoch_key = 9,
                            .window_samples = 50,
                            .first_samples = first_samples});
    std::vector<uint64_t> places;
    for (uint64_t i = 0; i < 500; ++i) places.push_back(i * 7 % 300);  // over ends, and back
    std::vector<uint64_t> expected;
    for (const uint64_t place : places) expected.push_back(order.sample_at(place));
    order.samples_at(places);
    EXPECT_EQ(places, expected) << name_of(shuffle);
  }
}

TEST(EpochOrder, a_window_holds_the_samples_stored_at_its_own_places) {
  const std::vector<uint64_t> first_samples = {0, 40, 40, 130, 300};
  const EpochOrder order({.shuffle = Shuffle::window,
                          .sample_count = 300,
                          .epoch_key = 9,
                          .window_samples = 50,
                          .first_samples = first_samples});
  for (uint64_t begin = 0, end = 0; begin < 300; begin = end) {
    const auto window = order.window_of(begin);
    EXPECT_EQ(window.first, begin);
    end = window.second;
    ASSERT_GT(end, begin);
    EXPECT_EQ(order.window_of(end - 1), window);
    std::vector<uint64_t> stored, shuffled;
    for (uint64_t place = begin; place < end; ++place) {
      stored.push_back(order.stored_at(place));
      shuffled.push_back(order.sample_at(place));
    }
    std::ranges::sort(stored);
    std::ranges::sort(shuffled);
    EXPECT_EQ(stored, shuffled);
  }
}

}  // namespace
}  // namespace headrace::order

// Orders repeat for the same seed and epoch, and have nothing to do with those of others.
#include "headrace/order/order.h"

#include <gtest/gtest.h>

namespace headrace::order {
namespace {

constexpr uint64_t k_count = 20'000;

int agreements(const EpochOrder& first, const EpochOrder& second) {
  int count = 0;
  for (uint64_t i = 0; i < k_count; ++i) count += first.sample_at(i) == second.sample_at(i);
  return count;
}

TEST(Order, repeats_for_the_same_seed_and_epoch) {
  const Order first({.sample_count = k_count, .seed = 3});
  const Order second({.sample_count = k_count, .seed = 3});
  EXPECT_EQ(agreements(first.epoch(5), second.epoch(5)), k_count);
}

// Where seed and epoch are added, epoch 1 of seed 3 is epoch 0 of seed 4.
TEST(Order, agrees_with_other_epochs_and_seeds_about_once) {
  const Order third({.sample_count = k_count, .seed = 3});
  const Order fourth({.sample_count = k_count, .seed = 4});
  EXPECT_LE(agreements(third.epoch(0), third.epoch(1)), 7);
  EXPECT_LE(agreements(third.epoch(1), fourth.epoch(0)), 7);
  EXPECT_LE(agreements(third.epoch(4), fourth.epoch(3)), 7);
}

TEST(Order, of_copies_begins_anew_after_the_last_and_has_nothing_to_do_with_epochs_seeds) {
  const Order order({.sample_count = k_count,
                     .shuffle = Shuffle::copies,
                     .seed = 3,
                     .copy_count = 3,
                     .copy_seed = 9});
  for (uint64_t i = 0; i < k_count; i += 777) EXPECT_EQ(order.epoch(0).sample_at(i), i);
  for (uint64_t copy = 0; copy < 3; ++copy) {
    EXPECT_EQ(agreements(order.epoch(copy), order_of_copy(k_count, 9, copy)), k_count);
    EXPECT_EQ(agreements(order.epoch(copy), order.epoch(copy + 6)), k_count);
  }
  EXPECT_LE(agreements(order.epoch(1), order.epoch(2)), 7);
  const Order shuffled({.sample_count = k_count, .seed = 9});
  EXPECT_LE(agreements(order.epoch(1), shuffled.epoch(1)), 7);
}

TEST(Order, of_shards_that_do_not_add_up_is_a_bug) {
  EXPECT_DEATH(Order({.sample_count = 10, .shuffle = Shuffle::window, .first_samples = {0, 9}}),
               "last 9, count 10");
  EXPECT_DEATH(Order({.sample_count = 0}), "count 0");
}

}  // namespace
}  // namespace headrace::order

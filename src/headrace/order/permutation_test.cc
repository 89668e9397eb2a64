// The permutation is an exact bijection at every size, undoes itself, and looks random.
#include "headrace/order/permutation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "headrace/base/hash.h"

namespace headrace::order {
namespace {

// Each image occurs once: a bit for each, and every bit set at the end.
::testing::AssertionResult is_bijection(uint64_t count, uint64_t key) {
  const Permutation permutation(count, key);
  std::vector<uint64_t> seen(count / 64 + 1);
  for (uint64_t position = 0; position < count; ++position) {
    const uint64_t image = permutation.at(position);
    if (image >= count) return ::testing::AssertionFailure() << image << " of " << count;
    const uint64_t bit = uint64_t{1} << image % 64;
    if ((seen[image / 64] & bit) != 0) {
      return ::testing::AssertionFailure() << image << " twice, count " << count;
    }
    seen[image / 64] |= bit;
  }
  return ::testing::AssertionSuccess();
}

TEST(Permutation, is_a_bijection_for_every_count_to_5000) {
  for (uint64_t count = 1; count <= 5000; ++count) ASSERT_TRUE(is_bijection(count, mix64(count)));
}

// A well-known implementation of this idea loses the last index at 2^(2k) + 1.
TEST(Permutation, is_a_bijection_around_each_power_of_two) {
#ifdef NDEBUG
  constexpr unsigned k_bits_max = 24;
#else
  constexpr unsigned k_bits_max = 20;
#endif
  for (unsigned bits = 13; bits <= k_bits_max; ++bits) {
    const uint64_t power = uint64_t{1} << bits;
    for (const uint64_t count : {power - 1, power, power + 1}) {
      ASSERT_TRUE(is_bijection(count, bits));
    }
  }
}

TEST(Permutation, is_undone_by_its_inverse_at_every_size_to_2_to_the_63) {
  for (unsigned bits = 1; bits <= 63; ++bits) {
    const uint64_t power = uint64_t{1} << bits;
    for (const uint64_t count : {power - 1, power, power == k_count_max ? power : power + 1}) {
      const Permutation permutation(count, mix64(count, 5));
      for (uint64_t probe = 0; probe < 2000; ++probe) {
        const uint64_t position = probe < 4 ? (count - 1) * (probe % 2) : mix64(probe) % count;
        const uint64_t image = permutation.at(position);
        ASSERT_LT(image, count);
        ASSERT_EQ(permutation.position_of(image), position) << count;
        ASSERT_EQ(permutation.at(permutation.position_of(position)), position) << count;
      }
    }
  }
}

TEST(Permutation, is_the_same_on_every_machine) {
  const Permutation permutation(1'000'000, 42);
  const std::array<uint64_t, 4> images = {permutation.at(0), permutation.at(1), permutation.at(2),
                                          permutation.at(999'999)};
  EXPECT_EQ(images, (std::array<uint64_t, 4>{216087, 481232, 336642, 157493}));
}

// Chi-square with n - 1 degrees of freedom is about normal: n - 1 and a standard deviation of
// sqrt(2n - 2).
double chi_square_deviations(const std::vector<uint64_t>& counts, double expected) {
  double sum = 0;
  for (const uint64_t count : counts) {
    const double difference = static_cast<double>(count) - expected;
    sum += difference * difference / expected;
  }
  const auto freedom = static_cast<double>(counts.size() - 1);
  return (sum - freedom) / std::sqrt(2 * freedom);
}

TEST(Permutation, sends_a_position_anywhere_equally_often_over_the_keys) {
  for (const uint64_t count : {2, 3, 5, 6, 7, 8, 9, 16, 17, 31, 100, 257, 1000}) {
    for (const uint64_t position : {uint64_t{0}, count / 2, count - 1}) {
      std::vector<uint64_t> images(count);
      const uint64_t key_count = 400 * count;
      for (uint64_t key = 0; key < key_count; ++key) {
        ++images[Permutation(count, mix64(7, key)).at(position)];
      }
      EXPECT_LT(std::abs(chi_square_deviations(images, 400)), 5) << count << " from " << position;
    }
  }
}

TEST(Permutation, sends_a_pair_of_neighbors_anywhere_equally_often) {
  for (const uint64_t count : {3, 4, 5, 7, 8, 12, 16, 19, 33, 64, 70}) {
    std::vector<uint64_t> pairs(count * count);
    const uint64_t key_count = 400 * count * (count - 1);
    for (uint64_t key = 0; key < key_count; ++key) {
      const Permutation permutation(count, mix64(9, key));
      ++pairs[permutation.at(0) * count + permutation.at(1)];
    }
    std::erase(pairs, 0);
    ASSERT_EQ(pairs.size(), count * (count - 1));
    EXPECT_LT(std::abs(chi_square_deviations(pairs, 400)), 5) << count;
  }
}

TEST(Permutation, has_all_orders_of_four_equally_often) {
  std::vector<uint64_t> orders(256);
  for (uint64_t key = 0; key < 24'000; ++key) {
    const Permutation permutation(4, mix64(11, key));
    ++orders[permutation.at(0) * 64 + permutation.at(1) * 16 + permutation.at(2) * 4 +
             permutation.at(3)];
  }
  std::erase(orders, 0);
  ASSERT_EQ(orders.size(), 24);
  EXPECT_LT(std::abs(chi_square_deviations(orders, 1000)), 5);
}

TEST(Permutation, has_about_one_fixed_point) {
  uint64_t fixed_count = 0;
  constexpr uint64_t k_key_count = 2000;
  for (uint64_t key = 0; key < k_key_count; ++key) {
    const Permutation permutation(1500, mix64(13, key));
    for (uint64_t i = 0; i < 1500; ++i) fixed_count += permutation.at(i) == i ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(fixed_count) / k_key_count, 1, 5 / std::sqrt(k_key_count));
}

// Of n numbers in random order the correlation of neighbors has a standard deviation of 1 /
// sqrt(n).
TEST(Permutation, leaves_neighbors_uncorrelated) {
  for (const uint64_t count : {10'000, 65'536, 65'537, 1'000'000}) {
    const Permutation permutation(count, 17);
    const double mean = static_cast<double>(count - 1) / 2;
    double sum = 0;
    for (uint64_t i = 0; i + 1 < count; ++i) {
      sum += (static_cast<double>(permutation.at(i)) - mean) *
             (static_cast<double>(permutation.at(i + 1)) - mean);
    }
    const double variance = static_cast<double>(count) * static_cast<double>(count) / 12;
    const double correlation = sum / static_cast<double>(count) / variance;
    EXPECT_LT(std::abs(correlation), 5 / std::sqrt(static_cast<double>(count))) << count;
  }
}

TEST(Permutation, agrees_with_another_key_about_once) {
  constexpr uint64_t k_count = 100'000;
  for (const uint64_t other_key : {1, 2, 4, 1 << 20}) {
    const Permutation first(k_count, 0), second(k_count, other_key);
    int equal_count = 0;
    for (uint64_t i = 0; i < k_count; ++i) equal_count += first.at(i) == second.at(i) ? 1 : 0;
    EXPECT_LE(equal_count, 7) << other_key;
  }
}

TEST(Permutation, of_nothing_or_outside_its_count_is_a_bug) {
  EXPECT_DEATH(Permutation(0, 1), "count");
  EXPECT_DEATH(Permutation(k_count_max + 1, 1), "count");
  EXPECT_DEATH(Permutation(10, 1).at(10), "position 10, count 10");
}

}  // namespace
}  // namespace headrace::order

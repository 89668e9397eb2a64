// Shares hold in every prefix, for weights of every kind.
#include "headrace/order/interleave.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace headrace::order {
namespace {

using Weights = std::vector<double>;

std::vector<Weights> many_weights() {
  std::vector<Weights> many = {{1},
                               {1, 1},
                               {0.3, 0.7},
                               {15, 85},
                               {0.5, 0.25, 0.25},
                               {1e-9, 1},
                               {1, 1e6},
                               {7e11, 1e11, 2e11},
                               Weights(100, 1.0),
                               {0.99, 0.005, 0.005},
                               {1, 2, 4, 8, 16, 32, 64, 128, 256}};
  std::mt19937_64 random(7);
  for (int i = 0; i < 60; ++i) {
    Weights weights(2 + random() % 40);
    for (double& weight : weights) {
      weight = std::exp(std::uniform_real_distribution<double>(-7, 3)(random));
    }
    many.push_back(weights);
  }
  Weights lopsided(101, 0.005);
  lopsided[40] = 0.5;
  many.push_back(lopsided);
  return many;
}

TEST(Interleave, every_prefix_has_each_part_close_to_its_share) {
  for (const Weights& weights : many_weights()) {
    const Interleave interleave(weights);
    double sum = 0;
    for (const double weight : weights) sum += weight;
    std::vector<uint64_t> counts(weights.size());
    for (uint64_t position = 0; position < 3000; ++position) {
      const Interleave::Turn turn = interleave.at(position);
      ASSERT_EQ(turn.number, counts[turn.part_index]++);  // turns come one by one
      for (size_t part = 0; part < weights.size(); ++part) {
        const double share = static_cast<double>(position + 1) * weights[part] / sum;
        ASSERT_LE(std::abs(static_cast<double>(counts[part]) - share), 1.25)
            << weights.size() << " weights, part " << part << " behind " << position;
      }
    }
  }
}

TEST(Interleave, counts_by_arithmetic_what_turns_add_up_to) {
  for (const Weights& weights : many_weights()) {
    const Interleave interleave(weights);
    std::vector<uint64_t> counts(weights.size());
    for (uint64_t position = 0; position < 300; ++position) {
      for (uint32_t part = 0; part < weights.size(); ++part) {
        ASSERT_EQ(interleave.turns_before(part, position), counts[part]);
      }
      ++counts[interleave.at(position).part_index];
    }
  }
}

TEST(Interleave, decimal_weights_are_met_exactly) {
  const Interleave interleave(Weights{0.3, 0.7});
  EXPECT_EQ(interleave.weight_sum(), 10U);
  for (uint64_t tens = 0; tens < 1000; ++tens) {
    EXPECT_EQ(interleave.turns_before(0, 10 * tens), 3 * tens);
    EXPECT_EQ(interleave.turns_before(1, 10 * tens), 7 * tens);
  }
}

TEST(Interleave, large_positions_keep_their_shares) {
  const Interleave interleave(Weights{0.123456789, 0.876543211});
  const uint64_t far = uint64_t{1} << 62;
  const Interleave::Turn turn = interleave.at(far);
  EXPECT_EQ(turn.number, interleave.turns_before(turn.part_index, far));
  EXPECT_EQ(interleave.turns_before(0, far) + interleave.turns_before(1, far), far);
  EXPECT_NEAR(static_cast<double>(interleave.turns_before(0, far)) / static_cast<double>(far),
              0.123456789, 1e-15);
}

}  // namespace
}  // namespace headrace::order

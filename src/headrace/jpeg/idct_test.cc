// Against the formula of the DCT in floating point, within the accuracy that IEEE 1180 asks for;
// the exact bits are compared with libjpeg-turbo's in baseline_decoder_test.cc.
#include "headrace/jpeg/idct.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "headrace/base/random.h"
#include "headrace/jpeg/entropy.h"

namespace headrace::jpeg {
namespace {

constexpr size_t k_stride_bytes = 64;

double cosine(size_t sample, size_t frequency) {
  const double scale = frequency == 0 ? std::sqrt(0.125) : 0.5;
  return scale *
         std::cos(static_cast<double>((2 * sample + 1) * frequency) * std::numbers::pi / 16);
}

std::vector<double> reference(const int16_t* block, const int16_t* steps) {
  std::vector<double> samples(k_block_size, 128);
  for (size_t place = 0; place < k_block_size; ++place) {
    if (block[place] == 0) continue;
    for (size_t sample = 0; sample < k_block_size; ++sample) {
      samples[sample] += block[place] * steps[place] * cosine(sample / 8, place / 8) *
                         cosine(sample % 8, place % 8);
    }
  }
  return samples;
}

struct Blocks {
  std::vector<int16_t> coefficients;
  std::vector<uint8_t> used_counts;
  std::vector<int16_t> steps;
  size_t count = 0;
  BlockRow row() const { return {coefficients.data(), used_counts.data(), count, steps.data()}; }
};

Blocks random_blocks(Draws& draws, size_t count, uint32_t most_used) {
  const size_t room = count + k_transform_slack_blocks;
  Blocks blocks{std::vector<int16_t>(room * k_block_size), std::vector<uint8_t>(room, 1),
                std::vector<int16_t>(k_block_size), count};
  for (auto& step : blocks.steps) step = static_cast<int16_t>(1 + draws.below(9));
  for (size_t block = 0; block < count; ++block) {
    const uint32_t used = 1 + draws.below(most_used);
    blocks.used_counts[block] = static_cast<uint8_t>(used);
    for (uint32_t place = 0; place < used; ++place) {
      const auto value = static_cast<int>(draws.below(41)) - 20;
      blocks.coefficients[block * k_block_size + k_natural_order[place]] =
          static_cast<int16_t>(place == 0 ? 4 * value : value);
    }
  }
  return blocks;
}

void expect_near_reference(const Blocks& blocks) {
  std::vector<uint8_t> plane(8 * k_stride_bytes + 64);
  ASSERT_TRUE(transform(blocks.row(), plane.data(), k_stride_bytes));
  for (size_t block = 0; block < blocks.count; ++block) {
    const auto expected =
        reference(blocks.coefficients.data() + block * k_block_size, blocks.steps.data());
    for (size_t sample = 0; sample < k_block_size; ++sample) {
      const double got = plane[sample / 8 * k_stride_bytes + block * 8 + sample % 8];
      ASSERT_NEAR(got, std::clamp(expected[sample], 0.0, 255.0), 1.01) << block << " " << sample;
    }
  }
}

TEST(Idct, is_near_the_formula_on_every_instruction_set) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    Draws draws({.seed = 11});
    for (size_t count = 1; count <= 7; ++count) {
      for (const uint32_t most_used : {1u, 2u, 9u, 10u, 11u, 30u, 64u}) {
        expect_near_reference(random_blocks(draws, count, most_used));
      }
    }
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(Idct, tells_of_first_rows_beyond_13_bits) {
  std::vector<uint8_t> plane(8 * k_stride_bytes + 64);
  Draws draws({.seed = 12});
  for (const int value : {8192, -8192, -32768, 32767, 8191, -8191}) {
    for (size_t block = 0; block < 4; ++block) {
      for (const uint8_t used : {uint8_t{1}, uint8_t{10}, uint8_t{64}}) {
        Blocks blocks = random_blocks(draws, 3, 1);
        std::ranges::fill(blocks.steps, int16_t{1});
        blocks.coefficients[block * k_block_size] = static_cast<int16_t>(value);
        blocks.used_counts[block] = used;
        const bool is_sound = std::abs(value) < 8192 || block == 3;  // the slack is not looked at
        EXPECT_EQ(transform(blocks.row(), plane.data(), k_stride_bytes), is_sound)
            << value << " in " << block;
      }
    }
  }
}

}  // namespace
}  // namespace headrace::jpeg

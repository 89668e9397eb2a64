// Golden values are megatron-core's own.
#include "headrace/order/gpt_blend.h"

#include <gtest/gtest.h>

namespace headrace::order {
namespace {

using Weights = std::vector<double>;

Weights harmonic(size_t count) {
  Weights weights;
  for (size_t i = 0; i < count; ++i) weights.push_back(1.0 / static_cast<double>(i + 1));
  return weights;
}
Weights scattered(size_t count) {
  Weights weights;
  for (size_t i = 0; i < count; ++i) {
    weights.push_back(static_cast<double>(i * 7919 % 97 + 1) / 10);
  }
  return weights;
}

uint64_t mixed(uint64_t hash, uint64_t value) { return (hash ^ value) * 1099511628211U; }
constexpr uint64_t k_start = 1469598103934665603U;

TEST(GptBlend, gives_the_data_sets_and_samples_that_megatron_core_gives) {
  // build_blending_indices and _get_size_per_split_per_dataset of megatron-core 0.16.1. Nine and
  // more weights are summed by NumPy in lanes, more than 128 by halves.
  struct Golden {
    Weights weights;
    uint64_t wanted, sample_count, turns_hash, prepared_hash;
  };
  const Golden k_golden[] = {
      {{0.3, 0.7}, 5000, 5000, 0x846eb39fda0491b5, 0xa447a100cdb541c1},
      {{1, 1, 1}, 5000, 5001, 0x165bfb9e16d3051, 0x255e4d56e414c87d},
      {{0.1, 0.2, 0.3, 0.4}, 4097, 4099, 0x8adf3fc431220753, 0x2bdcf40decd9347c},
      {{5, 1, 9, 2, 6, 5, 3, 5, 8}, 9999, 10004, 0xa2867244750f1a3c, 0x9208d7f874c88248},
      {harmonic(150), 20000, 20084, 0xf0da59603b9c5a41, 0x3afa32f636df6d43},
      {scattered(20), 12345, 12354, 0xa45db3b456f2b42e, 0xfa01813a7183b82f}};
  for (const Golden& golden : k_golden) {
    const GptBlendSizes sizes = gpt_blend_sizes(golden.weights, golden.wanted);
    EXPECT_EQ(sizes.sample_count, golden.sample_count);
    uint64_t prepared_hash = k_start, turns_hash = k_start;
    for (const uint64_t size : sizes.prepared) prepared_hash = mixed(prepared_hash, size);
    EXPECT_EQ(prepared_hash, golden.prepared_hash) << golden.weights.size();
    const GptBlend blend(golden.weights, sizes.sample_count);
    for (uint64_t position = 0; position < blend.sample_count(); ++position) {
      const Interleave::Turn turn = blend.at(position);
      turns_hash = mixed(turns_hash, 1000003 * uint64_t{turn.part_index} + turn.number);
    }
    EXPECT_EQ(turns_hash, golden.turns_hash) << golden.weights.size();
  }
}

TEST(GptBlend, counts_what_its_turns_add_up_to) {
  const GptBlend blend(Weights{3, 1, 2}, 5000);
  std::vector<uint64_t> counts(3);
  for (uint64_t position = 0; position < 5000; ++position) {
    ASSERT_EQ(blend.turns_before(1, position), counts[1]) << position;
    ++counts[blend.at(position).part_index];
  }
  EXPECT_EQ(blend.turns_before(1, 5000), counts[1]);
}

}  // namespace
}  // namespace headrace::order

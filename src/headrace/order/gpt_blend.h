// The blend of megatron-core's BlendedDataset, sample for sample: which data set gives sample p,
// and the how manieth of its own. Source: megatron/core/datasets/blended_dataset.py,
// blended_megatron_dataset_builder.py and helpers.cpp (`build_blending_indices`), whose sums of
// doubles are made in the same order, since ties are decided by their last bits.
// Thread safety: const after construction. Invariant: memory is 2 bytes a sample, Megatron's 10.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "headrace/order/interleave.h"

namespace headrace::order {

struct GptBlendSizes {
  std::vector<uint64_t> prepared;  // of each data set: what GptOrderOptions wants
  uint64_t sample_count = 0;       // of the blend: what was wanted, rounded up a data set
};
// As Megatron's builder asks for them; `wanted` samples in all.
GptBlendSizes gpt_blend_sizes(std::span<const double> weights, uint64_t wanted_sample_count);

class GptBlend {
 public:
  GptBlend(std::span<const double> weights, uint64_t sample_count);
  uint64_t sample_count() const { return parts_.size(); }
  Interleave::Turn at(uint64_t position) const;
  uint64_t turns_before(uint32_t part_index, uint64_t position) const;
  size_t memory_bytes() const { return parts_.size() * 2 + before_.size() * 8; }

 private:
  static constexpr size_t k_block = 1024;

  size_t part_count_;
  std::vector<uint16_t> parts_;   // a sample
  std::vector<uint64_t> before_;  // of each block: each part's samples before it
};

}  // namespace headrace::order

// Parts of a data set mixed by weight: a pure function from (epoch, position) to a sample id.
// Each part is an endless run of its own passes, each in an order of its own; the interleave says
// whose turn it is. So a part that is small for its weight begins anew while others are still in
// their first pass, and none is shown twice before all of it was shown.
// Thread safety: one owner, since each part's pass at hand is kept. Invariants: (1) the result does
// not depend on what was asked before; (2) memory is O(parts), for window O(shards), for megatron
// gpt_blend.h's.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "headrace/order/gpt_blend.h"
#include "headrace/order/interleave.h"
#include "headrace/order/order.h"

namespace headrace::order {

struct BlendPart {
  uint64_t first_sample = 0;  // of the data set that holds all parts
  uint64_t sample_count = 0;
  double weight = 0;
  // Window shuffle only: its shards' first samples, from 0, then sample_count; {} = one shard.
  std::vector<uint64_t> first_samples = {};
};

struct BlendOptions {
  std::vector<BlendPart> parts = {};
  uint64_t epoch_samples = 0;         // how many are mixed in an epoch
  Shuffle shuffle = Shuffle::global;  // of each part; megatron: parts are in their order already
  uint64_t seed = 0;
  uint64_t window_samples = 8192;
};

class Blend {
 public:
  // Throws Error where Megatron's order takes more samples of a part than it has.
  explicit Blend(const BlendOptions& options);
  Blend(Blend&&) = default;
  uint64_t epoch_samples() const { return epoch_samples_; }
  // Each position of the epoch becomes a sample id.
  void samples_at(uint64_t epoch, std::span<uint64_t> places);
  // How many of a part's samples the first `position` places of an epoch hold.
  uint64_t samples_of(uint32_t part_index, uint64_t epoch, uint64_t position) const;

 private:
  struct Part {
    uint64_t first_sample;
    Order order;
    uint64_t pass = 0;
    std::optional<EpochOrder> samples = {};  // of this pass
  };
  void check_supply(std::span<const BlendPart> parts) const;
  uint64_t sample_of(Interleave::Turn turn);

  uint64_t epoch_samples_;
  std::vector<Part> parts_;
  std::optional<Interleave> interleave_;  // one of the two
  std::optional<GptBlend> megatron_;
};

}  // namespace headrace::order

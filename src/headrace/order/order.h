// Which samples come in which order: a pure function from (seed, epoch, position) to a sample id.
// Thread safety: const after construction. An EpochOrder borrows from its Order, which must outlive
// it and stay where it is.
#pragma once

#include <cstdint>
#include <vector>

#include "headrace/order/epoch_order.h"

namespace headrace::order {

struct OrderOptions {
  uint64_t sample_count = 0;
  Shuffle shuffle = Shuffle::global;
  uint64_t seed = 0;
  uint64_t window_samples = 8192;  // window only
  uint64_t copy_count = 1;         // copies only
  uint64_t copy_seed = 0;          // copies only: that they were written with
  std::vector<uint64_t> first_samples =
      {};  // window only: each shard's first sample, then sample_count; {} = one shard
};

// Which sample copy k holds at which place, samples being numbered as the first copy holds them: a
// pure function of all three, by which copies are written and read.
EpochOrder order_of_copy(uint64_t sample_count, uint64_t seed, uint64_t copy);

class Order {
 public:
  explicit Order(OrderOptions options);
  const OrderOptions& options() const { return options_; }
  uint64_t sample_count() const { return options_.sample_count; }
  // O(1), for window O(shards). Epochs are independent: seed and epoch are hashed together, never
  // added.
  EpochOrder epoch(uint64_t epoch) const&;
  EpochOrder epoch(uint64_t epoch) && = delete;

 private:
  OrderOptions options_;
};

}  // namespace headrace::order

// How well an order mixes, as numbers that tests and reports compare with those of a random order.
// Thread safety: a pure function.
#pragma once

#include <cstdint>

#include "headrace/order/epoch_order.h"

namespace headrace::order {

// Of a random order: displacement and neighbor_distance 1/3, adjacent_share about 0, batch_spread
// 1. Of the stored order: 0, 0, 1 and about 0.
struct ShuffleQuality {
  double displacement = 0;       // mean |sample id - position| / sample count
  double neighbor_distance = 0;  // mean |difference of consecutive samples| / sample count
  double adjacent_share = 0;     // of consecutive samples, those that are stored side by side
  double batch_spread = 0;       // deviation of the ids in a batch / that of all ids, mean
};

// Looks at no more than 64 runs of batch_size positions, spread evenly. sample_count >= 2.
ShuffleQuality measure_shuffle(const EpochOrder& order, uint64_t batch_size);

}  // namespace headrace::order

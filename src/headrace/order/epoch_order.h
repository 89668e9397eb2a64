// One epoch's order: position -> sample id and back, computed at each look-up.
// Thread safety: const. Borrows the shards' first samples from its Order. Invariants: (1) sample_at
// is a bijection of 0 .. sample_count-1; (2) window: a sample lies less than window_samples from
// its place in the sequence of shuffled shards; (3) memory is O(1), for window O(shards), and no
// look-up allocates.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "headrace/order/permutation.h"

namespace headrace::order {

// none: as stored. global: one permutation of all samples. window: shards in shuffled order,
// samples shuffled inside bounded windows of that sequence, so that a store which must be streamed
// sees only a few shards at a time. megatron: as stored too, since the data set's samples are in
// Megatron's order already (gpt_order.h), all epochs together. copies: epoch e as copy e mod N of
// the data set is stored; Order makes one of the others of it.
enum class Shuffle { none, global, window, megatron, copies };
const char* name_of(Shuffle shuffle);

struct EpochOptions {
  Shuffle shuffle = Shuffle::global;
  uint64_t sample_count = 0;
  uint64_t epoch_key = 0;
  uint64_t window_samples = 0;
  std::span<const uint64_t> first_samples = {};
};

class EpochOrder {
 public:
  explicit EpochOrder(const EpochOptions& options);
  uint64_t sample_count() const { return options_.sample_count; }
  uint64_t sample_at(uint64_t position) const;
  // Each position becomes its sample id; what neighbors share (a window) is worked out once.
  void samples_at(std::span<uint64_t> places) const;
  uint64_t position_of(uint64_t sample_id) const;

  // Window shuffle only, for reading ahead in stored order: the positions [begin, end) of one
  // window hold the samples at the places [begin, end) of the sequence of shuffled shards.
  std::pair<uint64_t, uint64_t> window_of(uint64_t position) const;
  uint64_t stored_at(uint64_t place) const { return sequence_at(place); }

 private:
  struct Window {
    uint64_t first_position;
    Permutation permutation;
  };
  void order_shards();
  void samples_in_windows(std::span<uint64_t> places) const;
  Window window_around(uint64_t position) const;
  uint64_t sequence_at(uint64_t position) const;  // of the shuffled shards, without the windows
  uint64_t place_in_sequence(uint64_t sample_id) const;

  EpochOptions options_;
  Permutation permutation_;  // global: of samples; window: of shards
  std::vector<uint64_t>
      first_positions_;           // window: of each shard in shuffled order, then sample_count
  std::vector<uint64_t> shards_;  // window: the shard of each turn
  uint64_t first_window_samples_ =
      0;  // the first window is cut short, so that its borders move each epoch
  uint64_t window_key_ = 0;
};

}  // namespace headrace::order

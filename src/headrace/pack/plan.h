// Which sample goes into which shard, decided before anything is written: the same for any number
// of jobs, so a packing that was killed goes on exactly where it was. Thread safety: an immutable
// value. Memory: one number a shard.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headrace/order/order.h"
#include "headrace/order/permutation.h"
#include "headrace/pack/source.h"

namespace headrace::pack {

enum class SampleOrder { shuffled, as_is };

struct PlanOptions {
  uint64_t shard_size_bytes = uint64_t{256}
                              << 20;  // aimed at; a larger sample gets a shard of its own
  SampleOrder order = SampleOrder::shuffled;
  uint64_t seed = 0;
  uint64_t copy = 0;            // not 0: the order of this copy of the source
  std::string suffix = ".tar";  // of the shards' names
  uint64_t salt = 0;            // a hash of every other option that changes the output's bytes
};

class Plan {
 public:
  static Plan make(const Source& source, const PlanOptions& options);

  uint64_t sample_count() const { return first_positions_.back(); }
  uint64_t shard_count() const { return first_positions_.size() - 1; }
  uint64_t first_position(uint64_t shard_index) const { return first_positions_[shard_index]; }
  uint64_t source_id(uint64_t position) const;
  std::string shard_name(uint64_t shard_index) const;  // "shard-000000.tar"
  std::string key(uint64_t position) const;            // "000000123"
  uint64_t hash() const { return hash_; }
  // What the index of a finished shard of this plan bears.
  uint64_t stamp(uint64_t shard_index) const;

 private:
  std::optional<order::Permutation> permutation_;
  std::optional<order::EpochOrder> copy_order_;  // instead
  std::vector<uint64_t> first_positions_ = {0};
  std::string suffix_;
  uint64_t hash_ = 0;
};

}  // namespace headrace::pack

// Filling shards by the sizes that samples have in the source. Recoded samples are smaller, so
// shards come out a little under the size aimed at; planning by output sizes would need every
// sample to be recoded first.
#include "headrace/pack/plan.h"

#include "headrace/base/hash.h"
#include "headrace/formats/tar.h"

namespace headrace::pack {
namespace {

constexpr uint64_t k_layout = 1;  // raised when the same plan would be written with other bytes

uint64_t stored_bytes(const Source& source, uint64_t sample_id) {
  uint64_t stored = 0;
  for (const uint64_t size : source.field_sizes(sample_id)) {
    stored += formats::TarWriter::stored_size_bytes("", size);
  }
  return stored;
}

}  // namespace

Plan Plan::make(const Source& source, const PlanOptions& options) {
  Plan plan;
  plan.suffix_ = options.suffix;
  const uint64_t count = source.sample_count();
  if (options.copy > 0) {
    plan.copy_order_.emplace(order::order_of_copy(count, options.seed, options.copy));
  } else if (options.order == SampleOrder::shuffled && count > 0) {
    plan.permutation_.emplace(count, mix64(options.seed, 0x7061636b));
  }
  uint64_t shard_bytes = 0;
  for (uint64_t position = 0; position < count; ++position) {
    const uint64_t stored = stored_bytes(source, plan.source_id(position));
    if (shard_bytes > 0 && shard_bytes + stored > options.shard_size_bytes) {
      plan.first_positions_.push_back(position);
      shard_bytes = 0;
    }
    shard_bytes += stored;
  }
  if (count > 0) plan.first_positions_.push_back(count);
  plan.hash_ = mix64(k_layout, source.fingerprint());
  for (const uint64_t part :
       {options.shard_size_bytes, static_cast<uint64_t>(options.order),
        options.order == SampleOrder::shuffled ? options.seed : 0, options.salt, count}) {
    plan.hash_ = mix64(plan.hash_, part);
  }
  return plan;
}

uint64_t Plan::source_id(uint64_t position) const {
  if (copy_order_) return copy_order_->sample_at(position);
  return permutation_ ? permutation_->at(position) : position;
}

std::string Plan::shard_name(uint64_t shard_index) const {
  return fmt::format("shard-{:06}{}", shard_index, suffix_);
}

std::string Plan::key(uint64_t position) const { return fmt::format("{:09}", position); }

uint64_t Plan::stamp(uint64_t shard_index) const { return mix64(hash_, shard_index + 1) | 1; }

}  // namespace headrace::pack

// The arithmetic of batches. Positions stay below 2^63 + 2^62, so sums do not overflow.
#include "headrace/order/batches.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/order/permutation.h"

namespace headrace::order {
namespace {

uint64_t ceil_divide(uint64_t value, uint64_t divisor) {
  return value / divisor + (value % divisor != 0 ? 1 : 0);
}

}  // namespace

const char* name_of(LastBatch last) {
  switch (last) {
    case LastBatch::short_:
      return "short";
    case LastBatch::drop:
      return "drop";
    case LastBatch::pad:
      return "pad";
  }
  return "?";
}

BatchPlan::BatchPlan(const BatchOptions& options) : options_(options) {
  constexpr uint64_t k_limit = uint64_t{1} << 31;
  HR_CHECK(options.sample_count >= 1 && options.sample_count <= k_count_max);
  HR_CHECK(options.batch_size >= 1 && options.batch_size < k_limit, "{}", options.batch_size);
  HR_CHECK(options.world_size >= 1 && options.world_size < k_limit, "{}", options.world_size);
  HR_CHECK(options.rank < options.world_size, "{} of {}", options.rank, options.world_size);
  HR_CHECK(options.start_position <= options.sample_count, "{} of {}", options.start_position,
           options.sample_count);
  global_batch_size_ = options.batch_size * options.world_size;
  const uint64_t remaining_count = options.sample_count - options.start_position;
  global_batch_count_ = options.last == LastBatch::drop
                            ? remaining_count / global_batch_size_
                            : ceil_divide(remaining_count, global_batch_size_);
  batch_count_ = global_batch_count_;
  if (options.last == LastBatch::short_) {
    batch_count_ = remaining_count > options.rank
                       ? ceil_divide(remaining_count - options.rank, global_batch_size_)
                       : 0;
  }
}

uint64_t BatchPlan::row_count(uint64_t batch_index) const {
  HR_CHECK(batch_index < batch_count_, "batch {} of {}", batch_index, batch_count_);
  if (options_.last != LastBatch::short_) return options_.batch_size;
  const uint64_t first = first_position(batch_index) + options_.rank;
  return std::min(options_.batch_size,
                  ceil_divide(options_.sample_count - first, options_.world_size));
}

uint64_t BatchPlan::position(uint64_t batch_index, uint64_t row) const {
  HR_CHECK(row < row_count(batch_index), "row {} of batch {}", row, batch_index);
  const Rows rows = rows_of(batch_index);
  const uint64_t position = rows.first_position + row * rows.step;
  return position < options_.sample_count ? position : position % options_.sample_count;
}

void BatchPlan::positions(uint64_t batch_index, std::span<uint64_t> rows) const {
  HR_CHECK(rows.size() == row_count(batch_index), "{} rows", rows.size());
  auto [position, step] = rows_of(batch_index);
  for (uint64_t& row : rows) {
    row = position < options_.sample_count ? position : position % options_.sample_count;
    position += step;
  }
}

BatchPlan::Rows BatchPlan::rows_of(uint64_t batch_index) const {
  const uint64_t first = first_position(batch_index);
  if (!options_.in_runs || options_.sample_count - first < global_batch_size_) {
    return {.first_position = first + options_.rank, .step = options_.world_size};
  }
  return {.first_position = first + options_.rank * options_.batch_size, .step = 1};
}

uint64_t BatchPlan::position_after(uint64_t batch_index) const {
  HR_CHECK(batch_index < global_batch_count_, "batch {} of {}", batch_index, global_batch_count_);
  if (batch_index + 1 == global_batch_count_) return options_.sample_count;
  return first_position(batch_index + 1);
}

uint64_t BatchPlan::first_position(uint64_t batch_index) const {
  return options_.start_position + batch_index * global_batch_size_;
}

}  // namespace headrace::order

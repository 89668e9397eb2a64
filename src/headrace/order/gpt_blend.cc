// Megatron's arithmetic, double for double.
#include "headrace/order/gpt_blend.h"

#include <algorithm>
#include <cmath>

#include "headrace/base/check.h"

namespace headrace::order {
namespace {

// How much more is prepared of each data set than its share (`mid_level_dataset_surplus`).
constexpr double k_surplus = 0.005;

// NumPy's sum: eight side by side, then pairs; long arrays by halves.
double numpy_sum(std::span<const double> values) {
  const size_t count = values.size();
  if (count < 8) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum;
  }
  if (count > 128) {
    const size_t half = count / 2 / 8 * 8;
    return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
  }
  double lanes[8];
  std::copy_n(values.begin(), 8, lanes);
  size_t at = 8;
  for (; at + 8 <= count; at += 8) {
    for (size_t lane = 0; lane < 8; ++lane) lanes[lane] += values[at + lane];
  }
  double sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
               ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  for (; at < count; ++at) sum += values[at];
  return sum;
}

std::vector<double> normalized(std::span<const double> weights) {
  const double sum = numpy_sum(weights);
  std::vector<double> shares;
  for (const double weight : weights) shares.push_back(weight / sum);
  return shares;
}

}  // namespace

GptBlendSizes gpt_blend_sizes(std::span<const double> weights, uint64_t wanted_sample_count) {
  GptBlendSizes sizes;
  for (const double share : normalized(weights)) {
    const double target = std::ceil(static_cast<double>(wanted_sample_count) * share);
    sizes.sample_count += static_cast<uint64_t>(target);
    sizes.prepared.push_back(static_cast<uint64_t>(std::ceil(target * (1 + k_surplus))));
  }
  return sizes;
}

GptBlend::GptBlend(std::span<const double> weights, uint64_t sample_count)
    : part_count_(weights.size()), parts_(sample_count) {
  HR_CHECK(part_count_ >= 1 && part_count_ < 32767, "{} parts", part_count_);
  // Twice, as Megatron does: by the builder and by the blend.
  const std::vector<double> shares = normalized(normalized(weights));
  std::vector<double> given(part_count_);  // whole numbers far below 2^53
  before_.reserve((sample_count / k_block + 1) * part_count_);
  for (uint64_t position = 0; position < sample_count; ++position) {
    if (position % k_block == 0) {
      for (const double count : given) before_.push_back(static_cast<uint64_t>(count));
    }
    const double turns = std::max(static_cast<double>(position), 1.0);
    size_t most_due = 0;
    double due_most = shares[0] * turns - given[0];
    for (size_t part = 1; part < part_count_; ++part) {
      const double due = shares[part] * turns - given[part];
      if (due > due_most) {
        due_most = due;
        most_due = part;
      }
    }
    parts_[position] = static_cast<uint16_t>(most_due);
    given[most_due] += 1;
  }
}

Interleave::Turn GptBlend::at(uint64_t position) const {
  HR_CHECK(position < sample_count(), "sample {} of {}", position, sample_count());
  const uint32_t part_index = parts_[position];
  return {.part_index = part_index, .number = turns_before(part_index, position)};
}

uint64_t GptBlend::turns_before(uint32_t part_index, uint64_t position) const {
  if (position == 0) return 0;
  const uint64_t block = (position - 1) / k_block;
  const auto begin = parts_.begin() + static_cast<ptrdiff_t>(block * k_block);
  const auto end = parts_.begin() + static_cast<ptrdiff_t>(position);
  return before_[block * part_count_ + part_index] +
         static_cast<uint64_t>(std::count(begin, end, static_cast<uint16_t>(part_index)));
}

}  // namespace headrace::order

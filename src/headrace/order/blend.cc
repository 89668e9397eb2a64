// Turns to samples.
#include "headrace/order/blend.h"

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/base/hash.h"

namespace headrace::order {
namespace {

std::vector<double> weights_of(const BlendOptions& options) {
  std::vector<double> weights;
  for (const BlendPart& part : options.parts) weights.push_back(part.weight);
  return weights;
}

}  // namespace

Blend::Blend(const BlendOptions& options) : epoch_samples_(options.epoch_samples) {
  HR_CHECK(!options.parts.empty() && epoch_samples_ > 0, "{} parts, {} samples",
           options.parts.size(), epoch_samples_);
  if (options.shuffle == Shuffle::megatron) {
    megatron_.emplace(weights_of(options), epoch_samples_);
  } else {
    interleave_.emplace(weights_of(options));
  }
  if (megatron_) check_supply(options.parts);
  parts_.reserve(options.parts.size());  // orders of epochs borrow from their Order
  for (const BlendPart& part : options.parts) {
    parts_.push_back({.first_sample = part.first_sample,
                      .order = Order({.sample_count = part.sample_count,
                                      .shuffle = options.shuffle,
                                      .seed = mix64(options.seed, parts_.size()),
                                      .window_samples = options.window_samples,
                                      .first_samples = part.first_samples})});
  }
}

// Megatron refuses this too: what it prepares of a data set may fall short of what it asks for.
void Blend::check_supply(std::span<const BlendPart> parts) const {
  for (uint32_t index = 0; index < parts.size(); ++index) {
    const uint64_t asked = megatron_->turns_before(index, epoch_samples_);
    if (asked <= parts[index].sample_count) continue;
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot blend as Megatron does",
                 .cause = fmt::format("of data set {} it takes {} samples, and {} are prepared",
                                      index, asked, parts[index].sample_count),
                 .hint = "change order.samples or the weights a little; order.shuffle = \"global\" "
                         "has no such limit"});
  }
}

void Blend::samples_at(uint64_t epoch, std::span<uint64_t> places) {
  const uint64_t base = megatron_ ? 0 : epoch * epoch_samples_;
  for (uint64_t& place : places) {
    HR_CHECK(place < epoch_samples_, "position {} of {}", place, epoch_samples_);
    place = sample_of(megatron_ ? megatron_->at(place) : interleave_->at(base + place));
  }
}

uint64_t Blend::sample_of(Interleave::Turn turn) {
  Part& part = parts_[turn.part_index];
  const uint64_t pass = turn.number / part.order.sample_count();
  if (!part.samples || part.pass != pass) {
    part.samples.emplace(part.order.epoch(pass));
    part.pass = pass;
  }
  return part.first_sample + part.samples->sample_at(turn.number % part.order.sample_count());
}

uint64_t Blend::samples_of(uint32_t part_index, uint64_t epoch, uint64_t position) const {
  HR_CHECK(position <= epoch_samples_, "position {} of {}", position, epoch_samples_);
  if (megatron_) return megatron_->turns_before(part_index, position);
  const uint64_t base = epoch * epoch_samples_;
  return interleave_->turns_before(part_index, base + position) -
         interleave_->turns_before(part_index, base);
}

}  // namespace headrace::order

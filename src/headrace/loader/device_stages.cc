// Marks are events that are recorded anew with each batch of their slot.
#include "headrace/loader/device_stages.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/observe/verdict.h"

namespace headrace::loader {

const char* name_of(DeviceStage stage) {
  switch (stage) {
    case DeviceStage::copy:
      return observe::k_link_stage;
    case DeviceStage::decode:
      return observe::k_device_decode;
    case DeviceStage::unpack:
      return observe::k_device_unpack;
    case DeviceStage::kernel:
      return observe::k_device_kernel;
  }
  return "unknown";
}

StageMarks::StageMarks(const device::Device& device, const StageMarksOptions& options) {
  using device::Event;
  slots_.reserve(options.slot_count);
  pieces_.reserve(options.piece_count);
  for (uint32_t index = 0; index < options.slot_count; ++index) {
    Slot& slot = slots_.emplace_back(Slot{.began = Event(device, Event::Kind::timed)});
    slot.ended.reserve(options.piece_count);
    slot.works.reserve(options.piece_count);
    for (uint32_t piece = 0; piece < options.piece_count; ++piece) {
      slot.ended.emplace_back(device, Event::Kind::timed);
    }
  }
}

void StageMarks::begin(uint32_t slot_index, shim::CuStream stream) {
  slots_[slot_index].works.clear();
  slots_[slot_index].began.record(stream);
}

void StageMarks::end(uint32_t slot_index, const Work& work, shim::CuStream stream) {
  Slot& slot = slots_[slot_index];
  HR_CHECK(slot.works.size() < slot.ended.size(), "{} pieces", slot.works.size());
  slot.ended[slot.works.size()].record(stream);
  slot.works.push_back(work);
}

const std::vector<DevicePiece>& StageMarks::read(uint32_t slot_index) {
  const Slot& slot = slots_[slot_index];
  pieces_.clear();
  const device::Event* before = &slot.began;
  for (size_t index = 0; index < slot.works.size(); ++index) {
    const double busy_s = std::max(0.0, slot.ended[index].seconds_since(*before));
    pieces_.push_back({.stage = slot.works[index].stage,
                       .row_count = slot.works[index].row_count,
                       .busy_s = busy_s});
    before = &slot.ended[index];
  }
  return pieces_;
}

DeviceClock::DeviceClock(const device::Device& device, device::Stream& stream)
    : driver_(device.driver()), zero_(device, device::Event::Kind::timed) {
  stream.synchronize();
  zero_.record(stream.handle());
  zero_.wait();
  zero_ns_ = steady_now_ns();
}

uint64_t DeviceClock::host_ns_of(const device::Event& event) const noexcept {
  float milliseconds = 0;
  if (driver_.event_elapsed(&milliseconds, zero_.handle(), event.handle()) != 0) return 0;
  return zero_ns_ + static_cast<uint64_t>(std::max(0.0, static_cast<double>(milliseconds) * 1e6));
}

StageSums sums_of(const std::vector<DevicePiece>& pieces) {
  StageSums sums = {};
  for (const DevicePiece& piece : pieces) {
    StageSum& sum = sums[static_cast<size_t>(piece.stage)];
    sum.busy_ns += static_cast<uint64_t>(piece.busy_s * 1e9);
    sum.row_count += piece.row_count;
  }
  return sums;
}

uint64_t busy_ns_of(const StageSums& sums) {
  uint64_t busy_ns = 0;
  for (const StageSum& sum : sums) busy_ns += sum.busy_ns;
  return busy_ns;
}

void StageTotals::add(const StageSums& sums) noexcept {
  for (size_t stage = 0; stage < sums.size(); ++stage) {
    cells_[stage].busy_ns.fetch_add(sums[stage].busy_ns, std::memory_order_relaxed);
    cells_[stage].row_count.fetch_add(sums[stage].row_count, std::memory_order_relaxed);
  }
}

StageSums StageTotals::read() const noexcept {
  StageSums sums = {};
  for (size_t stage = 0; stage < sums.size(); ++stage) {
    sums[stage] = {.busy_ns = cells_[stage].busy_ns.load(std::memory_order_relaxed),
                   .row_count = cells_[stage].row_count.load(std::memory_order_relaxed)};
  }
  return sums;
}

}  // namespace headrace::loader

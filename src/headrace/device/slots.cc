// The order of copies and readers, by events.
#include "headrace/device/slots.h"

#include "headrace/base/check.h"

namespace headrace::device {
namespace {

constexpr size_t k_slot_alignment = 512;  // what cuMemAlloc's own addresses have at least is 256

size_t aligned(size_t size_bytes) {
  return (size_bytes + k_slot_alignment - 1) / k_slot_alignment * k_slot_alignment;
}

}  // namespace

DeviceSlots::DeviceSlots(const Device& device, const DeviceSlotsOptions& options)
    : device_(device),
      stride_bytes_(aligned(options.slot_bytes)),
      memory_(device, options.slot_count * stride_bytes_),
      copies_(device) {
  HR_CHECK(options.slot_count > 0 && options.slot_bytes > 0);
  slots_.reserve(options.slot_count);
  free_.reserve(options.slot_count);
  for (uint32_t index = 0; index < options.slot_count; ++index) {
    slots_.push_back({.started = Event(device, Event::Kind::timed),
                      .arrived = Event(device, Event::Kind::timed),
                      .consumed = {Event(device), Event(device), Event(device), Event(device)}});
    free_.push_back(index);
  }
}

DeviceSlots::~DeviceSlots() { device_.driver().context_synchronize(); }

uint32_t DeviceSlots::free_count() const {
  const std::scoped_lock lock(mutex_);
  return static_cast<uint32_t>(free_.size());
}

shim::CuAddress DeviceSlots::address(uint32_t slot_index) const {
  return memory_.address() + slot_index * stride_bytes_;
}

std::optional<uint32_t> DeviceSlots::take() {
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) return std::nullopt;
  const uint32_t index = free_.front();  // whose readers are done first
  free_.erase(free_.begin());
  return index;
}

void DeviceSlots::send(uint32_t slot_index, std::span<const std::byte> source) {
  begin_send(slot_index);
  send_part(slot_index, 0, source);
  end_send(slot_index);
}

void DeviceSlots::begin_send(uint32_t slot_index) {
  device_.check(refusal_.load(), "cannot mark the reader's work of");
  Slot& slot = slots_[slot_index];
  for (uint32_t reader = 0; reader < slot.reader_count; ++reader) {
    copies_.wait_for(slot.consumed[reader]);
  }
  slot.started.record(copies_.handle());
}

void DeviceSlots::send_part(uint32_t slot_index, size_t offset_bytes,
                            std::span<const std::byte> source) {
  HR_CHECK(offset_bytes <= stride_bytes_ && source.size() <= stride_bytes_ - offset_bytes,
           "{} bytes", source.size());
  device_.check(device_.driver().copy_to_device(address(slot_index) + offset_bytes, source.data(),
                                                source.size(), copies_.handle()),
                "cannot copy a batch to");
}

void DeviceSlots::end_send(uint32_t slot_index) {
  slots_[slot_index].arrived.record(copies_.handle());
}

void DeviceSlots::wait_for_copy(uint32_t slot_index) const { slots_[slot_index].arrived.wait(); }

bool DeviceSlots::has_arrived(uint32_t slot_index) const {
  return slots_[slot_index].arrived.has_passed();
}

double DeviceSlots::copy_seconds(uint32_t slot_index) const {
  const Slot& slot = slots_[slot_index];
  return slot.arrived.seconds_since(slot.started);
}

void DeviceSlots::finish() noexcept { device_.driver().stream_synchronize(copies_.handle()); }

void DeviceSlots::hold_up(shim::CuStream reader, uint32_t slot_index) const {
  device_.check(device_.driver().stream_wait(reader, slots_[slot_index].arrived.handle(), 0),
                "cannot order a batch's reader on");
}

void DeviceSlots::give_back(uint32_t slot_index, std::span<const shim::CuStream> readers) noexcept {
  Slot& slot = slots_[slot_index];
  HR_CHECK(readers.size() <= slot.consumed.size(), "{} readers", readers.size());
  slot.reader_count = static_cast<uint32_t>(readers.size());
  for (size_t reader = 0; reader < readers.size(); ++reader) {
    if (const int code = slot.consumed[reader].try_record(readers[reader]); code != 0) {
      int none = 0;
      refusal_.compare_exchange_strong(none, code);
    }
  }
  give_back_unread(slot_index);
}

// The readers before stay noted: the next copy may not have been ordered behind them yet.
void DeviceSlots::give_back_unread(uint32_t slot_index) noexcept {
  const std::scoped_lock lock(mutex_);
  HR_CHECK(free_.size() < slots_.size(), "slot {} came back twice", slot_index);
  free_.push_back(slot_index);
}

}  // namespace headrace::device

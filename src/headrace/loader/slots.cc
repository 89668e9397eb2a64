// The pool of slots.
#include "headrace/loader/slots.h"

#include "headrace/base/check.h"

namespace headrace::loader {
namespace {

constexpr size_t k_slot_alignment = 4096;

size_t aligned(size_t size_bytes) {
  return (size_bytes + k_slot_alignment - 1) / k_slot_alignment * k_slot_alignment;
}

}  // namespace

Slots::Slots(uint32_t slot_count, size_t slot_bytes, uint32_t batch_size)
    // Touched by the workers' first rows: the first batch need not wait for the memory of all.
    : arena_({.size_bytes = slot_count * aligned(slot_bytes), .touched = false}),
      slots_(slot_count) {
  free_.reserve(slot_count);
  for (uint32_t index = slot_count; index-- > 0;) {
    Slot& slot = slots_[index];
    slot.bytes = arena_.bytes().subspan(index * aligned(slot_bytes), slot_bytes);
    slot.ids.resize(batch_size);
    slot.locations.resize(batch_size);
    slot.sources.resize(batch_size);
    slot.failures.resize(batch_size);
    free_.push_back(index);
  }
}

std::optional<uint32_t> Slots::take() {
  const std::scoped_lock lock(mutex_);
  if (free_.empty()) return std::nullopt;
  const uint32_t index = free_.back();  // the last one given back, for the caches' sake
  free_.pop_back();
  return index;
}

void Slots::give_back(uint32_t slot_index) {
  const std::scoped_lock lock(mutex_);
  HR_CHECK(free_.size() < slots_.size(), "slot {} came back twice", slot_index);
  free_.push_back(slot_index);
}

void Slots::end_lease(uint32_t slot_index) {
  leased_count_.fetch_sub(1);
  give_back(slot_index);
}

}  // namespace headrace::loader

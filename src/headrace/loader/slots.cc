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

Slots::Slots(const SlotsOptions& options)
    // Touched by the workers' first rows: the first batch need not wait for the memory of all.
    : arena_({.size_bytes = options.slot_count * aligned(options.slot_bytes), .touched = false}),
      slots_(options.slot_count) {
  if (options.deferral != nullptr && options.deferral->room_bytes() > 0) {
    deferred_arena_.emplace(memory::ArenaOptions{
        .size_bytes = options.slot_count * options.deferral->room_bytes(), .touched = false});
  }
  free_.reserve(options.slot_count);
  for (uint32_t index = options.slot_count; index-- > 0;) {
    Slot& slot = slots_[index];
    slot.bytes = arena_.bytes().subspan(index * aligned(options.slot_bytes), options.slot_bytes);
    slot.ids.resize(options.batch_size);
    slot.places.resize(options.batch_size);
    slot.locations.resize(options.batch_size);
    slot.sources.resize(options.batch_size);
    slot.failures.resize(options.batch_size);
    if (options.deferral != nullptr) share_room(slot, index, options);
    free_.push_back(index);
  }
}

void Slots::share_room(Slot& slot, uint32_t slot_index, const SlotsOptions& options) const {
  const auto& fields = options.deferral->fields;
  const std::span<std::byte> all =
      deferred_arena_ ? deferred_arena_->bytes() : std::span<std::byte>();
  slot.deferred = std::vector<DeferredField>(fields.size());
  size_t begin = slot_index * options.deferral->room_bytes();
  for (size_t field = 0; field < fields.size(); ++field) {
    if (options.deferral->reads_there) slot.deferred[field].take_rows(options.batch_size);
    slot.deferred[field].take_room(all.subspan(begin, fields[field].room_bytes),
                                   options.batch_size);
    begin += fields[field].room_bytes;
  }
}

Slot& Slots::of(std::span<const std::byte> bytes) {
  for (Slot& slot : slots_) {
    if (slot.bytes.data() == bytes.data()) return slot;
  }
  HR_CHECK(false, "no slot of ours");
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

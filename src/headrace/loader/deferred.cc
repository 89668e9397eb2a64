// Room is taken by one atomic addition a row.
#include "headrace/loader/deferred.h"

#include <algorithm>
#include <cstring>

namespace headrace::loader {
namespace {

constexpr uint64_t k_row_alignment_bytes = 64;

}  // namespace

uint64_t Deferral::room_bytes() const {
  uint64_t total = 0;
  for (const Field& field : fields) total += field.room_bytes;
  return total;
}

void DeferredField::take_room(std::span<std::byte> room, uint32_t batch_size) {
  room_ = room;
  if (!room.empty()) rows_.resize(batch_size);
}

void DeferredField::begin(uint32_t share) {
  if (rows_.empty()) return;
  share_ = share;
  used_bytes_.store(0, std::memory_order_relaxed);
  for (DeferredRow& row : rows_) row.length_bytes = 0;
}

bool DeferredField::put(uint32_t row, std::span<const std::byte> bytes, DeferredRow what) noexcept {
  if (bytes.empty() || bytes.size() > room_.size()) return false;
  const uint64_t taken =
      (bytes.size() + k_row_alignment_bytes - 1) / k_row_alignment_bytes * k_row_alignment_bytes;
  const uint64_t begin = used_bytes_.fetch_add(taken, std::memory_order_relaxed);
  if (begin > room_.size() - bytes.size()) return false;
  std::memcpy(room_.data() + begin, bytes.data(), bytes.size());
  what.offset_bytes = begin;
  what.length_bytes = bytes.size();
  rows_[row] = what;
  return true;
}

std::span<const std::byte> DeferredField::used() const {
  return room_.first(std::min<uint64_t>(used_bytes_.load(std::memory_order_relaxed), room_.size()));
}

}  // namespace headrace::loader

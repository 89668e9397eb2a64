// Rows that workers leave to a device: their coded bytes side by side in memory that can be pinned,
// and what is to be made of them.
// Thread safety: put() any worker, each row one; begin() the feeder, before the batch's first row;
// the rest who holds the batch. Invariants: 1. the room never grows: a row that does not fit is
// made by the host; 2. which rows are left depends on the share and the row alone, unless room runs
// out.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "headrace/codec/codec.h"
#include "headrace/ops/image.h"

namespace headrace::loader {

inline constexpr uint64_t k_nowhere = ~uint64_t{0};  // a row's bytes were not read

struct DeferredRow {
  uint64_t offset_bytes = 0;
  uint64_t length_bytes = 0;    // 0: the host has made the row
  uint64_t gathered_bytes = 0;  // where it is unpacked from, of those that were read there
  ops::Shown shown = {};        // of a picture
  codec::Kind packed = codec::Kind::none;
};

// A decoded picture's rows are whole words, which the kernel reads four bytes at a time.
inline uint64_t stride_of(const ops::Shown& shown) {
  return (uint64_t{3} * shown.stored.width + 3) / 4 * 4;
}
inline uint64_t pixel_bytes_of(const ops::Shown& shown) {
  return stride_of(shown) * shown.stored.height;
}

inline constexpr uint32_t k_share_whole = 1024;

// For a loader whose batches go to a device; outlives it.
struct Deferral {
  struct Field {
    uint64_t room_bytes = 0;                     // a batch; 0 = nothing of it is left to the device
    std::atomic<uint32_t> share{k_share_whole};  // of each batch's rows, for the device
  };
  explicit Deferral(size_t field_count) : fields(field_count) {}
  bool is_empty() const { return room_bytes() == 0 && !reads_there; }
  uint64_t room_bytes() const;     // a batch
  std::vector<Field> fields;       // as the plan's
  uint64_t picture_bytes_max = 0;  // larger ones are the host's
  bool reads_there = false;        // raw rows are read by the device's side, and nothing by ours
};

// One field of one batch.
class DeferredField {
 public:
  void take_room(std::span<std::byte> room, uint32_t batch_size);
  void take_rows(uint32_t batch_size) { rows_.resize(batch_size); }  // which need no room here
  void begin(uint32_t share);
  bool can_defer() const { return !rows_.empty(); }
  bool wants(uint32_t row) const {
    return (uint64_t{row} + 1) * share_ / k_share_whole > uint64_t{row} * share_ / k_share_whole;
  }
  // False where there is no room left. `what` gets its place.
  bool put(uint32_t row, std::span<const std::byte> bytes, DeferredRow what) noexcept;
  void move_row(uint32_t from, uint32_t to) { rows_[to] = rows_[from]; }
  // Of a row that lies elsewhere: how long it is, and where.
  void leave(uint32_t row, uint64_t length_bytes, codec::Kind packed) {
    rows_[row] = {.offset_bytes = k_nowhere, .length_bytes = length_bytes, .packed = packed};
  }
  void set_place(uint32_t row, uint64_t offset_bytes) { rows_[row].offset_bytes = offset_bytes; }
  void gather(uint32_t row, uint64_t offset_bytes) { rows_[row].gathered_bytes = offset_bytes; }
  void made_by_host(uint32_t row) { rows_[row].length_bytes = 0; }
  bool is_deferred(uint32_t row) const { return can_defer() && rows_[row].length_bytes != 0; }
  const DeferredRow& row(uint32_t row) const { return rows_[row]; }
  std::span<const std::byte> bytes_of(uint32_t row) const {
    return room_.subspan(rows_[row].offset_bytes, rows_[row].length_bytes);
  }
  std::span<const std::byte> used() const;

 private:
  std::span<std::byte> room_;
  std::vector<DeferredRow> rows_;  // [batch]; empty = nothing is ever left
  std::atomic<uint64_t> used_bytes_{0};
  uint32_t share_ = 0;
};

}  // namespace headrace::loader

// A worker: takes entries whose bytes have come, makes their rows in the slot, closes the slot with
// its last row. Thread safety: one thread a worker. Nothing here throws or allocates while samples
// are good.
#pragma once

#include <memory>
#include <vector>

#include "headrace/loader/core.h"
#include "headrace/loader/unpacker.h"

namespace headrace::loader {

class Worker {
 public:
  Worker(Core& core, uint32_t worker_index);
  // Until the queue is closed.
  void run() noexcept;

 private:
  uint64_t make_chain(uint32_t first_entry) noexcept;  // how many rows
  void make_rows(const Entry& entry) noexcept;
  void prefetch(const Slot& slot, uint32_t row) const noexcept;
  // `entry`: the one that brings the row's bytes.
  RowFailure make_row(const Entry& entry, Slot& slot, uint32_t row) noexcept;
  struct Cell {
    uint32_t row, field_index;
    bool check = false;  // against the checksum of its index
  };
  RowFailure make_field(const Entry& entry, Slot& slot, const Cell& cell) noexcept;
  RowFailure make_row_of_pieces(const Slot& slot, uint32_t row) noexcept;
  RowFailure make_packed(const Slot& slot, const Cell& cell, codec::Kind kind,
                         std::span<const std::byte> packed) noexcept;
  // True when a device makes the row of these bytes.
  bool leave_to_device(Slot& slot, const Cell& cell, codec::Kind packed,
                       std::span<const std::byte> bytes) noexcept;
  RowFailure leave_unread(Slot& slot, const Cell& cell,
                          const formats::FieldExtent& extent) noexcept;
  ops::Context context_of(const Slot& slot, const Cell& cell) noexcept;
  std::span<std::byte> target_of(const Slot& slot, const Cell& cell) const noexcept;
  // The failure's offset counts from the field's first byte.
  RowFailure run_op(const Slot& slot, const Cell& cell, std::span<const std::byte> bytes) noexcept;
  // The row of a sample that lacks the field, where the job says one; else the failure.
  RowFailure make_missing(const Slot& slot, const Cell& cell, RowFailure failure) const noexcept;
  std::span<const std::byte> bytes_of(const Entry& entry, const formats::Location& location,
                                      const formats::FieldExtent& extent) const noexcept;
  RowFailure missing_bytes(uint64_t file_index, const formats::FieldExtent& extent) const noexcept;

  Core& core_;
  WorkerStats& stats_;
  Laps* laps_;                                            // null without a profile
  std::vector<std::unique_ptr<ops::Scratch>> scratches_;  // one a field
  const observe::Tracer tracer_;
  Unpacker unpacker_;
  std::vector<formats::FieldExtent> pieces_;  // of the sample at hand
  std::vector<std::byte> gathered_;
};

// Moves the good rows together, so that the batch is shorter and has no hole. Depends only on which
// rows failed. Returns how many there are.
uint32_t close_gaps(const pipeline::Plan& plan, Slot& slot);

// The last row of a slot is done: closes the gaps that failed rows left, then shows it to the
// consumer.
void finish_slot(Core& core, uint32_t slot_index) noexcept;

}  // namespace headrace::loader

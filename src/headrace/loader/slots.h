// The batches in the making: each slot is the memory of one whole batch and what is known of its
// rows. Thread safety: a slot has one owner at a time: the free list, the feeder (filling rows'
// ids), the workers (each row one worker; `open_rows` counts down), then the consumer's lease. Only
// `open_rows` and `free_` are shared. Invariants: (1) slot memory never moves; (2) a slot is in the
// free list or has exactly one sequence.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/formats/dataset.h"
#include "headrace/loader/deferred.h"
#include "headrace/memory/arena.h"

namespace headrace::loader {

// What became of a row. `what` is a literal; null = the row is good.
struct RowFailure {
  const char* what = nullptr;
  uint64_t offset_bytes = 0;  // in the file
  int error_number = 0;       // an errno, or 0
  uint32_t field_index = 0;   // in the plan; meaningless for errors of reading
  bool reading = false;       // the bytes did not come, as against: they make no sample
  bool is_left_out = false;   // nothing is wrong: it lacks a field, and the job says skip
};

struct Slot {
  std::span<std::byte> bytes;
  uint64_t sequence = 0;  // which batch of this run
  uint64_t epoch = 0;
  uint64_t first_position = 0;    // of row 0; each further row is world_size positions on
  uint64_t epoch_after = 0;       // where a run that resumes after this batch begins:
  uint64_t position_after = 0;    // the position counts the samples that all ranks consumed
  uint32_t row_count = 0;         // after the last row is done: without the rows that failed
  std::vector<uint64_t> ids;      // [batch], sample ids: whose draws these are
  std::vector<uint64_t> places;   // [batch], where the data set has them; copies: not their ids
  std::vector<uint64_t> leading;  // [fields], first dimension of each tensor, once it is lent
  std::vector<formats::Location> locations;   // [batch]
  std::vector<formats::FieldExtent> extents;  // what locations point to, row by row
  std::vector<uint32_t>
      sources;  // [batch]; the entry that brings a row's bytes, if it is scattered
  std::vector<RowFailure> failures;     // [batch]; all good unless has_failures
  std::vector<DeferredField> deferred;  // as the plan's fields; {} = the host makes all rows
  std::atomic<uint32_t> open_rows{0};
  std::atomic<bool> has_failures{false};
  bool has_late_failures = false;  // of rows that a device was to make
};

struct SlotsOptions {
  uint32_t slot_count = 0;
  size_t slot_bytes = 0;
  uint32_t batch_size = 0;
  const Deferral* deferral = nullptr;
};

class Slots {
 public:
  explicit Slots(const SlotsOptions& options);
  Slot& at(uint32_t slot_index) { return slots_[slot_index]; }
  Slot& of(std::span<const std::byte> bytes);  // whose memory this is
  uint32_t count() const { return static_cast<uint32_t>(slots_.size()); }
  std::optional<uint32_t> take();
  void give_back(uint32_t slot_index);
  // How many batches the consumer holds; kept by the lease itself.
  void note_leased() { leased_count_.fetch_add(1); }
  void end_lease(uint32_t slot_index);
  uint32_t leased_count() const { return leased_count_.load(); }
  const memory::Arena& arena() const { return arena_; }
  const std::optional<memory::Arena>& deferred_arena() const { return deferred_arena_; }

 private:
  void share_room(Slot& slot, uint32_t slot_index, const SlotsOptions& options) const;

  memory::Arena arena_;
  std::optional<memory::Arena> deferred_arena_;  // what rows that are left to a device lie in
  std::vector<Slot> slots_;
  mutable std::mutex mutex_;  // guards free_; held for a push or pop, once a batch
  std::vector<uint32_t> free_;
  std::atomic<uint32_t> leased_count_{0};
};

}  // namespace headrace::loader

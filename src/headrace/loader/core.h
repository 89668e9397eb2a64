// What the feeder, the workers and the consumer share, and nothing else is shared.
// Who writes what: the feeder fills slots and entries and pushes entry numbers; a worker owns an
// entry from pop to hand_back; the worker that closes a slot's last row publishes it in `finished`;
// the consumer takes it from there.
#pragma once

#include <array>
#include <atomic>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "headrace/base/error.h"
#include "headrace/formats/dataset.h"
#include "headrace/loader/batch.h"
#include "headrace/loader/options.h"
#include "headrace/loader/read_buffer.h"
#include "headrace/loader/resident.h"
#include "headrace/loader/signal.h"
#include "headrace/loader/slots.h"
#include "headrace/loader/stats.h"
#include "headrace/loader/work_queue.h"
#include "headrace/pipeline/plan.h"
#include "headrace/shim/nvtx.h"

namespace headrace::loader {

inline constexpr uint64_t k_unknown = ~uint64_t{0};

inline constexpr uint32_t k_no_entry = ~uint32_t{0};

inline constexpr uint32_t k_window_count = 4;
inline constexpr uint32_t k_no_window = ~uint32_t{0};

// One read and the run of rows that it serves, or a run of rows whose bytes lie in memory already:
// held there, or brought by other entries (a window's reads, which serve no rows of their own). The
// first read_count_max entries are parallel to the read buffer's blocks. What the queue carries is
// a chain of entries, so that small samples share what a hand-over costs.
struct Entry {
  uint32_t slot_index = 0;
  uint32_t first_row = 0;
  uint32_t row_count = 0;
  uint32_t next = k_no_entry;  // which goes to the same worker behind this one
  uint32_t window_index = k_no_window;
  bool scattered = false;  // each row's bytes were brought by the entry that Slot::sources names
  uint64_t file_index = 0;
  uint64_t offset_bytes = 0;  // of the wanted bytes in the file
  uint64_t length_bytes = 0;
  std::byte* data = nullptr;  // where the byte at offset_bytes lies
  int64_t result = 0;         // bytes that came, or -errno
};

// Threads, as a trace has them.
inline constexpr const char* k_reader_row = "reader";
inline constexpr const char* k_copier_row = "copier";
inline constexpr const char* k_consumer_row = "consumer";

// A row of a field.
struct RowPlace {
  uint32_t row = 0, field_index = 0;
};

struct Core final : Lender {
  Core(const pipeline::Plan& plan_, const formats::Dataset& dataset_, const Options& options_);

  const pipeline::Plan& plan;
  const formats::Dataset& dataset;
  const Options options;
  std::unique_ptr<const Resident> own_resident;
  const Resident* resident;  // null = bytes come by reads
  // With a resident: a bit a sample id, set once the sample's fields agreed with their checksums.
  std::vector<std::atomic<uint64_t>> agreed;
  Slots slots;
  ReadBuffer buffer;
  std::vector<Entry> entries;
  WorkQueue queue;
  Stats stats;
  const shim::Nvtx& profiler = shim::Nvtx::of_process();
  // Of who takes batches: the trainer's thread, or the one that copies them to a device.
  const observe::Tracer consumer_tracer;
  std::vector<observe::Tracer> slot_tracers;  // none without a trace

  // The entry of a run whose rows need no block: its slot's own, by its first row.
  uint32_t run_entry(uint32_t slot_index, uint32_t first_row) const {
    return options.read_count_max + slot_index * options.batch_size + first_row;
  }
  bool has_block(uint32_t entry_index) const { return entry_index < options.read_count_max; }
  // Rows of a window's reads that are planned and not yet made.
  std::array<std::atomic<uint64_t>, k_window_count> window_rows = {};

  // finished[sequence % slots.count()] = slot index + 1 once the batch is whole.
  std::vector<std::atomic<uint32_t>> finished;
  std::atomic<uint64_t> sequence_count{
      k_unknown};        // known once the feeder has planned the last batch
  Signal batch_signal;   // a batch is whole, the run ends, or it failed
  Signal feeder_signal;  // room for the feeder: a slot or enough blocks came back, or stop
  std::atomic<bool> stopping{false};

  // A worker has handed back so many blocks; wakes the feeder when as many as it waits for have
  // come back.
  void note_handed_back(uint64_t block_count);
  // The feeder's side: the count of blocks handed back at which it wants to be woken.
  std::atomic<uint64_t> handed_back_count{0};
  std::atomic<uint64_t> wake_at_count{k_unknown};

  bool has_agreed(uint64_t sample_id) const {
    return !agreed.empty() && (agreed[sample_id / 64].load(std::memory_order_relaxed) &
                               uint64_t{1} << sample_id % 64) != 0;
  }
  void note_agreed(uint64_t sample_id) {
    if (agreed.empty()) return;
    agreed[sample_id / 64].fetch_or(uint64_t{1} << sample_id % 64, std::memory_order_relaxed);
  }

  // The consumer's side: the slot of this batch once it is whole; `end` after the last or after
  // close. Throws the Error that ended the run, or one that says that the consumer holds every
  // slot.
  std::expected<uint32_t, NoBatch> wait_for(uint64_t sequence, uint64_t deadline_ns = k_for_ever);

  // A whole slot to the consumer, until end_lease().
  Batch lend(uint32_t slot_index);
  void end_lease(uint32_t slot_index) noexcept override;
  void read_on(uint32_t, shim::CuStream) override {}
  void read_unseen(uint32_t) override {}
  void copy_out(uint32_t slot_index, std::span<const std::byte> from,
                std::span<std::byte> to) const override;

  // Of a blend: which parts the batch's samples came from.
  void note_parts(const Slot& slot);

  // The run cannot go on, whatever the batch: kept for the consumer; the first one counts.
  void fail(Error error);
  // What the lowest failed row of the slot says: file, sample, offset, cause.
  Error error_of(const Slot& slot) const;
  // The entry's bytes do not fit into the read buffer.
  Error too_large(const Entry& entry) const;
  // A row of a whole batch turned out to be bad after all: what note_failure() told of is left out,
  // or ends the run. Throws Error.
  void note_late_failure(Slot& slot, uint32_t row, const RowFailure& failure);
  void drop_late_failures(Slot& slot);
  // on_error = "skip": lists the slot's failed rows; too many end the run.
  void note_skipped(const Slot& slot);
  std::vector<Skipped> skipped() const;
  void note_ring(io::RingInfo info);
  io::RingInfo ring_info() const;

  observe::Tracer tracer_of(const std::string& thread) const {
    return options.trace == nullptr ? observe::Tracer() : options.trace->of_thread(thread);
  }
  void trace_life(uint32_t slot_index);
  // Now, for a trace; 0 without one.
  uint64_t traced_ns() const { return options.trace == nullptr ? 0 : steady_now_ns(); }
  bool reads_on_device() const {
    return options.deferral != nullptr && options.deferral->reads_there;
  }
  // What draws of an operator are keyed by.
  DrawKey draw_key_of(const Slot& slot, const RowPlace& place) const {
    return {.seed = options.seed,
            .epoch = slot.epoch,
            .sample_id = slot.ids[place.row],
            .operator_index = plan.fields[place.field_index].operator_index};
  }

  // The loader is one owner and each leased batch another: the last to let go deletes the core, so
  // that a batch's memory outlives its loader. Counted here, since a batch is leased without
  // allocating.
  void share() { owner_count_.fetch_add(1, std::memory_order_relaxed); }
  void let_go() {
    if (owner_count_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 private:
  std::atomic<uint32_t> owner_count_{1};
  std::string field_text(uint32_t field_index, const formats::Location& location) const;
  Error all_held() const;
  Error too_many_skipped(const Slot& slot, uint32_t row) const;

  mutable std::mutex mutex_;  // guards what follows; taken at start, on failures and for reports
  std::optional<Error> failure_;
  std::vector<Skipped> skipped_;
  io::RingInfo ring_info_;
};

}  // namespace headrace::loader

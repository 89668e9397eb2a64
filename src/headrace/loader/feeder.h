// The one thread that reads: plans batches, takes slots and blocks, keeps the ring full, hands
// arrived bytes to the workers. Back-pressure is a slot or a block that is not free, and nothing
// else. Thread safety: owned by its thread. Invariants: (1) in flight <= ring depth; (2) a block is
// in flight, with the workers, or free; (3) a slot's rows are all planned before the next slot is
// taken; (4) what is read into its row needs no block.
#pragma once

#include <expected>
#include <memory>
#include <stop_token>
#include <vector>

#include "headrace/io/ring.h"
#include "headrace/loader/batch_source.h"
#include "headrace/loader/core.h"
#include "headrace/loader/raw_rows.h"
#include "headrace/loader/read_queue.h"
#include "headrace/loader/wanted_bytes.h"
#include "headrace/loader/window_stream.h"
#include "headrace/storage/open_files.h"

namespace headrace::loader {

class Feeder {
 public:
  Feeder(Core& core, BatchSource source);
  // Makes the ring (a ring belongs to the thread that made it) and runs to the last batch or until
  // stopping.
  void run();

 private:
  enum class Short { nothing, slots, blocks };

  void reclaim();
  void plan_reads();
  bool plan_rows();  // false: no room for their reads
  bool plan_slot();  // false: no free slot, or no further batch
  bool plan_read();
  bool plan_unread(const Entry& entry);
  void plan_run();
  void fetch(const Slot& slot, uint32_t end_row);
  bool plan_scattered_run(WindowPlace place);
  uint32_t run_end(const Slot& slot) const;
  bool open_window(const Slot& slot);
  uint64_t position_of(const Slot& slot, uint32_t row) const;  // may lie behind the epoch's end
  std::optional<WindowPlace> find_in_window(const Slot& slot, uint32_t row) const;
  void send_window();
  void send(const Entry& entry, const Block& block, const io::File& file);
  void add_read(const io::Read& read, const Entry& entry);
  bool plan_read_into(std::span<std::byte> row, const Entry& entry, const io::File& file);
  static void keep_extents(Slot& slot);
  bool note_end();  // says how many batches there are once the last is planned
  uint32_t coalesced_rows(Span& span) const;
  std::expected<const io::File*, int> open(uint64_t file_index);  // the error is an errno
  void submit_and_reap();
  void chain(std::span<const io::Done> done);
  void hand_over();
  void wait_for_room(uint32_t feeder_signal);
  void make_tracers();

  Core& core_;
  BatchSource source_;
  storage::OpenFiles files_;
  std::unique_ptr<io::Ring> ring_;  // ends before the files whose reads are still under way
  ReadQueue reads_;
  std::vector<io::Done> done_;
  RawRows raw_rows_;
  std::vector<formats::FieldExtent> pieces_;  // of the row whose pages are asked for
  std::vector<uint32_t> ready_;               // chains for the workers, by their first entries
  std::optional<WindowStream> stream_;        // for a window shuffle that reads
  std::optional<order::EpochOrder> window_order_;
  uint64_t window_epoch_ = 0;
  observe::Tracer tracer_, reads_tracer_;
  uint64_t taken_count_ = 0;  // blocks ever taken
  uint32_t slot_index_ = 0;
  uint32_t next_row_ = 0;  // of the slot being planned
  bool planning_slot_ = false;
  bool planned_all_ = false;
  Short short_of_ = Short::nothing;
};

}  // namespace headrace::loader

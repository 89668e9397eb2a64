// Reads ahead, bounded by slots, blocks and the ring's depth.
#include "headrace/loader/feeder.h"

#include <algorithm>
#include <cerrno>

#include "headrace/base/clock.h"
#include "headrace/storage/numa.h"

namespace headrace::loader {
namespace {

constexpr uint64_t k_chain_bytes = 64 << 10;  // what a worker is handed at once, about
constexpr uint64_t k_stop_check_ns = 50'000'000;

constexpr uint64_t k_patience_ns = 1'000'000;

uint32_t ring_depth(const Options& options) {
  constexpr uint32_t k_depth_max = 32768;  // of io_uring
  return static_cast<uint32_t>(
      std::min<uint64_t>(k_depth_max, uint64_t{options.depth} * options.disk_count));
}

}  // namespace

Feeder::Feeder(Core& core, BatchSource source)
    : core_(core),
      source_(std::move(source)),
      files_(
          {.files = core.options.files,
           .caching = core.options.caching,
           .path_of = [&core](uint64_t file_index) { return core.dataset.file(file_index).path; },
           .disk_of = core.options.disk_of}),
      reads_({.depth = ring_depth(core.options),
              .disk_count = core.options.disk_count,
              .tag_count_max = static_cast<uint32_t>(core.entries.size()),
              .name_of = core.options.disk_name},
             core.stats.feeder),
      raw_rows_(core.plan) {
  for (uint32_t index = 0; index < core_.slots.count(); ++index) {
    Slot& slot = core_.slots.at(index);
    slot.extents.resize(slot.ids.size() * core_.dataset.field_names().size());
  }
  ready_.reserve(core_.entries.size());
  // A blend's windows lie in several places at once, so its rows are read one by one.
  const bool windows =
      core_.options.shuffle == order::Shuffle::window && core_.options.blend.empty();
  if (windows && core_.resident == nullptr && !core_.reads_on_device()) stream_.emplace(core_);
  done_.resize(ring_depth(core_.options));
}

void Feeder::run() {
  if (core_.reads_on_device()) {
    core_.note_ring({.engine = "device"});  // until its first batch has shown which way is faster
  } else if (core_.resident == nullptr) {
    const bool into_rows = !stream_ && raw_rows_.take_reads(core_.options.caching);
    const memory::Arena& arena = into_rows ? core_.slots.arena() : core_.buffer.arena();
    // What the disk writes to lies beside it. Rows that workers make lie where these run.
    if (core_.options.numa_node) storage::prefer_node(arena.bytes(), *core_.options.numa_node);
    ring_ = core_.options.make_ring({.engine = core_.options.engine,
                                     .depth = ring_depth(core_.options),
                                     .arena = arena.bytes()});
    core_.note_ring(ring_->info());
  } else {
    core_.note_ring({.engine = core_.options.mapped ? "map" : "memory"});
  }
  while (true) {
    const uint32_t feeder_signal = core_.feeder_signal.seen();  // before any look at the state
    if (core_.stopping.load(std::memory_order_acquire)) break;
    reclaim();
    plan_reads();
    hand_over();
    if (planned_all_ && !planning_slot_ && reads_.count() == 0) break;
    if (reads_.count() > 0) {
      submit_and_reap();
    } else {
      wait_for_room(feeder_signal);
    }
  }
}

void Feeder::reclaim() {
  if (stream_) taken_count_ -= stream_->release();
  core_.buffer.reclaim();
}

void Feeder::plan_reads() {
  short_of_ = Short::nothing;
  while (reads_.has_room()) {
    if (!planning_slot_ && !plan_slot()) break;
    if (!plan_rows()) return;
    planning_slot_ = next_row_ < core_.slots.at(slot_index_).row_count;
  }
  if (stream_ && window_order_ && short_of_ == Short::slots) {
    stream_->open_next(*window_order_, window_epoch_);
    send_window();
  }
}

// Some rows of the slot: a run whose bytes are in memory or on their way there, or a read.
bool Feeder::plan_rows() {
  if (core_.resident != nullptr || core_.reads_on_device()) {
    plan_run();
    return true;
  }
  if (!stream_) return plan_read();
  const Slot& slot = core_.slots.at(slot_index_);
  if (!open_window(slot)) {
    short_of_ = Short::blocks;
    return false;
  }
  const auto place = find_in_window(slot, next_row_);
  return place ? plan_scattered_run(*place) : plan_read();
}

bool Feeder::plan_slot() {
  if (planned_all_ || note_end()) return false;
  const auto slot_index = core_.slots.take();
  if (!slot_index) {
    short_of_ = Short::slots;
    return false;
  }
  Slot& slot = core_.slots.at(*slot_index);
  source_.fill(slot);
  note_end();  // before the last batch can be whole: its consumer may hold every slot by then
  if (!core_.dataset.in_pieces()) {
    core_.dataset.locate_all(std::span(slot.places).first(slot.row_count), slot.locations);
    keep_extents(slot);
  } else {
    for (uint32_t row = 0; row < slot.row_count; ++row) {
      slot.locations[row] = {.file_index = core_.dataset.file_of_pieces(slot.ids[row])};
    }
  }
  if (slot.has_failures.exchange(false, std::memory_order_relaxed)) {
    std::ranges::fill(slot.failures, RowFailure{});
  }
  for (size_t field = 0; field < slot.deferred.size(); ++field) {
    slot.deferred[field].begin(
        core_.options.deferral->fields[field].share.load(std::memory_order_relaxed));
  }
  slot.open_rows.store(slot.row_count, std::memory_order_release);
  slot_index_ = *slot_index;
  next_row_ = 0;
  planning_slot_ = true;
  return true;
}

// Records are looked at again by this thread and the workers; their index need not stay in memory
// for that.
void Feeder::keep_extents(Slot& slot) {
  size_t count = 0;
  for (formats::Location& location : std::span(slot.locations).first(slot.row_count)) {
    const auto kept = std::span(slot.extents).subspan(count, location.fields.size());
    std::ranges::copy(location.fields, kept.begin());
    location.fields = kept;
    count += kept.size();
  }
}

bool Feeder::note_end() {
  if (source_.has_next()) return false;
  planned_all_ = true;
  core_.sequence_count.store(source_.filled_count(), std::memory_order_release);
  core_.batch_signal.ring();
  return true;
}

// The rows that one worker is handed at once: as many as keep it busy for a while and leave work
// for the others.
uint32_t Feeder::run_end(const Slot& slot) const {
  const uint32_t share = std::max(1U, slot.row_count / (4 * core_.options.workers));
  uint32_t row = next_row_;
  uint64_t run_bytes = 0;
  while (row < slot.row_count && row - next_row_ < share && run_bytes < k_chain_bytes) {
    const Span span = wanted_span(core_.plan, slot.locations[row++]);
    if (!span.empty()) run_bytes += span.end_bytes - span.begin_bytes;
  }
  return row;
}

void Feeder::plan_run() {
  const uint32_t end_row = run_end(core_.slots.at(slot_index_));
  if (core_.options.fetches) fetch(core_.slots.at(slot_index_), end_row);
  const uint32_t entry_index = core_.run_entry(slot_index_, next_row_);
  core_.entries[entry_index] = {
      .slot_index = slot_index_, .first_row = next_row_, .row_count = end_row - next_row_};
  ready_.push_back(entry_index);
  next_row_ = end_row;
}

// Pages of a map that memory does not hold, so that many come at a time before workers want them.
void Feeder::fetch(const Slot& slot, uint32_t end_row) {
  for (uint32_t row = next_row_; row < end_row; ++row) {
    pieces_.clear();
    const formats::Location& location = slot.locations[row];
    if (core_.dataset.in_pieces()) {
      core_.dataset.append_pieces(slot.ids[row], pieces_);
    } else if (const Span span = wanted_span(core_.plan, location); !span.empty()) {
      pieces_.push_back(
          {.offset_bytes = span.begin_bytes, .length_bytes = span.end_bytes - span.begin_bytes});
    }
    for (const formats::FieldExtent& piece : pieces_) {
      core_.resident->fetch(location.file_index, piece);
    }
  }
}

void Feeder::send(const Entry& entry, const Block& block, const io::File& file) {
  add_read({.file = &file,
            .offset_bytes = entry.offset_bytes,
            .length_bytes = entry.length_bytes,
            .target = block.bytes,
            .tag = block.index},
           entry);
}

void Feeder::add_read(const io::Read& read, const Entry& entry) {
  reads_.add(read, files_.disk_of(entry.file_index));
  add_to(core_.stats.feeder.read_count, 1);
  add_to(core_.stats.feeder.wanted_bytes, entry.length_bytes);
}

bool Feeder::plan_read() {
  const Slot& slot = core_.slots.at(slot_index_);
  Span span = wanted_span(core_.plan, slot.locations[next_row_]);
  Entry entry{.slot_index = slot_index_,
              .first_row = next_row_,
              .row_count = 1,
              .file_index = slot.locations[next_row_].file_index};
  if (span.empty()) return plan_unread(entry);
  entry.offset_bytes = span.begin_bytes;
  entry.length_bytes = span.end_bytes - span.begin_bytes;
  const auto file = open(entry.file_index);
  if (!file) {
    entry.result = -file.error();
    return plan_unread(entry);
  }
  if (const auto row = raw_rows_.place_for(entry, slot, **file); !row.empty()) {
    return plan_read_into(row, entry, **file);
  }
  entry.row_count = coalesced_rows(span);
  entry.length_bytes = span.end_bytes - span.begin_bytes;
  const size_t target_bytes = io::target_bytes_for(**file, entry.offset_bytes, entry.length_bytes);
  if (target_bytes > core_.buffer.block_bytes_max()) throw core_.too_large(entry);
  const auto block = core_.buffer.take(target_bytes);
  if (!block) {
    files_.release(entry.file_index);
    short_of_ = Short::blocks;
    return false;
  }
  ++taken_count_;
  next_row_ += entry.row_count;
  core_.entries[block->index] = entry;
  send(entry, *block, **file);
  return true;
}

bool Feeder::plan_read_into(std::span<std::byte> row, const Entry& entry, const io::File& file) {
  const uint32_t entry_index = core_.run_entry(slot_index_, next_row_++);
  core_.entries[entry_index] = entry;
  add_read({.file = &file,
            .offset_bytes = entry.offset_bytes,
            .length_bytes = entry.length_bytes,
            .target = row,
            .tag = entry_index},
           entry);
  return true;
}

// Rows without bytes, or whose file cannot be opened, need no room.
bool Feeder::plan_unread(const Entry& entry) {
  const uint32_t entry_index = core_.run_entry(slot_index_, next_row_);
  core_.entries[entry_index] = entry;
  ready_.push_back(entry_index);
  next_row_ += entry.row_count;
  return true;
}

// How many rows, from next_row_ on, lie behind each other in one file; `span` grows by them.
uint32_t Feeder::coalesced_rows(Span& span) const {
  const Slot& slot = core_.slots.at(slot_index_);
  const uint64_t file_index = slot.locations[next_row_].file_index;
  uint32_t row = next_row_ + 1;
  for (; row < slot.row_count; ++row) {
    if (slot.locations[row].file_index != file_index) break;
    Span longer = span;
    if (!longer.join(wanted_span(core_.plan, slot.locations[row]))) break;
    const uint64_t length_bytes = longer.end_bytes - longer.begin_bytes;
    if (length_bytes + 2 * io::k_target_alignment > core_.buffer.block_bytes_max()) break;
    span = longer;
  }
  return row - next_row_;
}

// A file that cannot be opened fails its samples, not the run: what becomes of them is on_error's
// to say.
std::expected<const io::File*, int> Feeder::open(uint64_t file_index) {
  try {
    return files_.acquire(file_index);
  } catch (const Error& error) {
    return std::unexpected(error.code() == Code::not_found ? ENOENT : EIO);
  }
}

void Feeder::hand_over() {
  core_.queue.push(ready_);
  ready_.clear();
}

void Feeder::submit_and_reap() {
  const shim::Range range(core_.profiler, "read");
  const uint64_t begin_ns = steady_now_ns();
  reads_.send(*ring_);
  core_.stats.feeder.in_flight.store(ring_->in_flight(), std::memory_order_relaxed);
  // A few at a time: one system call serves several, and the kernel sends three and more together.
  const size_t least = std::clamp<size_t>(ring_->in_flight() / 4, 1, 8);
  const uint64_t patience_ns = least == 1 ? k_stop_check_ns : k_patience_ns;
  const size_t count = ring_->wait(done_, least, begin_ns + patience_ns);
  reads_.note_busy(steady_now_ns() - begin_ns);
  chain(std::span(done_).first(count));
  hand_over();
  add_to(core_.stats.feeder.in_flight_ns, steady_now_ns() - begin_ns);
}

// Reads that came together are chained, as many as keep a worker busy for a while and leave work
// for the others.
void Feeder::chain(std::span<const io::Done> done) {
  const size_t share = std::max<size_t>(1, done.size() / core_.options.workers);
  Entry* last = nullptr;
  size_t entry_count = 0;
  uint64_t chain_bytes = 0;
  for (const io::Done& one : done) {
    const auto entry_index = static_cast<uint32_t>(one.tag);
    Entry& entry = core_.entries[entry_index];
    entry.result = one.result;
    entry.data = one.data;
    files_.release(entry.file_index);
    reads_.note_back(one);
    core_.stats.feeder.read_latency_ns.add(one.latency_ns);
    if (one.result > 0) {
      add_to(core_.stats.feeder.arrived_bytes, static_cast<uint64_t>(one.result));
    }
    if (stream_ && stream_->take(entry_index, ready_)) continue;
    if (last == nullptr || entry_count == share || chain_bytes >= k_chain_bytes) {
      ready_.push_back(entry_index);
      entry_count = chain_bytes = 0;
    } else {
      last->next = entry_index;
    }
    last = &entry;
    ++entry_count;
    chain_bytes += entry.length_bytes;
  }
}

// Nothing in flight, and no slot or no block is free: sleeps until the consumer or the workers gave
// some back.
void Feeder::wait_for_room(uint32_t feeder_signal) {
  if (short_of_ == Short::nothing) return;
  const uint64_t begin_ns = steady_now_ns();
  if (short_of_ == Short::blocks) {
    const uint64_t back_count = core_.handed_back_count.load();
    const uint64_t out_count = taken_count_ - back_count;
    if (out_count == 0) return;
    // A window's last row rings too; what it blocks is more than any one block.
    const uint64_t target_count = back_count + (stream_ ? 1 : std::max<uint64_t>(1, out_count / 4));
    core_.wake_at_count.store(target_count);
    if (core_.handed_back_count.load() >= target_count) return;
  }
  core_.feeder_signal.wait(feeder_signal);
  add_to(short_of_ == Short::slots ? core_.stats.feeder.starved_for_slots_ns
                                   : core_.stats.feeder.starved_for_blocks_ns,
         steady_now_ns() - begin_ns);
}

}  // namespace headrace::loader

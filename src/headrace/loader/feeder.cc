// Reads ahead, bounded by slots, blocks and the ring's depth.
#include "headrace/loader/feeder.h"

#include <algorithm>
#include <cerrno>

#include "headrace/base/clock.h"

namespace headrace::loader {
namespace {

constexpr uint64_t k_gap_bytes_max = 16 << 10;       // neighbors this near are read as one
constexpr uint64_t k_coalesced_bytes_max = 1 << 20;  // storage.md: larger reads gain nothing
constexpr uint64_t k_chain_bytes = 64 << 10;         // what a worker is handed at once, about
constexpr uint64_t k_stop_check_ns = 50'000'000;

struct Span {
  uint64_t begin_bytes = k_unknown;
  uint64_t end_bytes = 0;
  bool empty() const { return end_bytes <= begin_bytes; }
};

// From the first to the last byte that the plan's fields want of this sample.
Span wanted_span(const pipeline::Plan& plan, const formats::Location& location) {
  Span span;
  for (const pipeline::FieldPlan& field : plan.fields) {
    for (const uint32_t source : field.sources) {
      const formats::FieldExtent& extent = location.field(source);
      if (extent.length_bytes == formats::k_absent) continue;
      if (extent.length_bytes != formats::k_inline) {
        span.begin_bytes = std::min(span.begin_bytes, extent.offset_bytes);
        span.end_bytes = std::max(span.end_bytes, extent.offset_bytes + extent.length_bytes);
      }
      break;
    }
  }
  return span;
}

void add(std::atomic<uint64_t>& counter, uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

}  // namespace

Feeder::Feeder(Core& core, BatchSource source)
    : core_(core),
      source_(std::move(source)),
      files_({.files = core.options.files,
              .caching = core.options.caching,
              .path_of = [&core](uint64_t file_index) {
                return core.dataset.file(file_index).path;
              }}) {
  pending_.reserve(core_.options.depth);
  ready_.reserve(core_.options.read_count_max);
  done_.resize(core_.options.depth);
}

void Feeder::run() {
  if (core_.resident == nullptr) {
    ring_ = core_.options.make_ring({.engine = core_.options.engine,
                                     .depth = core_.options.depth,
                                     .arena = core_.buffer.arena().bytes()});
    core_.note_ring(ring_->info());
  } else {
    core_.note_ring({.engine = core_.options.mapped ? "map" : "memory"});
  }
  while (true) {
    const uint32_t feeder_signal = core_.feeder_signal.seen();  // before any look at the state
    if (core_.stopping.load(std::memory_order_acquire)) break;
    core_.buffer.reclaim();
    plan_reads();
    hand_over();
    if (planned_all_ && !planning_slot_ && wanted_count() == 0) break;
    if (wanted_count() > 0) {
      submit_and_reap();
    } else {
      wait_for_room(feeder_signal);
    }
  }
}

void Feeder::plan_reads() {
  short_of_ = Short::nothing;
  while (wanted_count() < core_.options.depth) {
    if (!planning_slot_ && !plan_slot()) return;
    if (!(core_.resident != nullptr ? plan_run() : plan_read())) return;
    Slot& slot = core_.slots.at(slot_index_);
    planning_slot_ = next_row_ < slot.row_count;
  }
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
    core_.dataset.locate_all(std::span(slot.ids).first(slot.row_count), slot.locations);
  }
  if (slot.has_failures.exchange(false, std::memory_order_relaxed)) {
    std::ranges::fill(slot.failures, RowFailure{});
  }
  slot.open_rows.store(slot.row_count, std::memory_order_release);
  slot_index_ = *slot_index;
  next_row_ = 0;
  planning_slot_ = true;
  return true;
}

bool Feeder::note_end() {
  if (source_.has_next()) return false;
  planned_all_ = true;
  core_.sequence_count.store(source_.filled_count(), std::memory_order_release);
  core_.batch_signal.ring();
  return true;
}

// Rows in turn, up to what keeps a worker busy for a while and leaves work for the others.
bool Feeder::plan_run() {
  const auto block = core_.buffer.take(0);
  if (!block) {
    short_of_ = Short::blocks;
    return false;
  }
  ++taken_count_;
  const Slot& slot = core_.slots.at(slot_index_);
  const uint32_t share = std::max(1U, slot.row_count / (4 * core_.options.workers));
  const uint32_t end_row = std::min(slot.row_count, next_row_ + share);
  const uint32_t first_row = next_row_;
  uint64_t run_bytes = 0;
  while (next_row_ < end_row && run_bytes < k_chain_bytes) {
    const Span span = wanted_span(core_.plan, slot.locations[next_row_++]);
    if (!span.empty()) run_bytes += span.end_bytes - span.begin_bytes;
  }
  core_.entries[block->index] = {.slot_index = slot_index_,
                                 .first_row = first_row,
                                 .row_count = next_row_ - first_row,
                                 .file_index = slot.locations[first_row].file_index};
  ready_.push_back(block->index);
  return true;
}

bool Feeder::plan_read() {
  Slot& slot = core_.slots.at(slot_index_);
  Span span = wanted_span(core_.plan, slot.locations[next_row_]);
  Entry entry{.slot_index = slot_index_,
              .first_row = next_row_,
              .row_count = 1,
              .file_index = slot.locations[next_row_].file_index};
  if (!span.empty()) {
    entry.row_count = coalesced_rows(span.begin_bytes, span.end_bytes);
    entry.offset_bytes = span.begin_bytes;
    entry.length_bytes = span.end_bytes - span.begin_bytes;
  }
  const io::File* file = nullptr;
  if (!span.empty()) {
    const auto opened = open(entry.file_index);
    if (!opened) entry.result = -opened.error();
    file = opened.value_or(nullptr);
  }
  const size_t target_bytes =
      file == nullptr ? 1 : io::target_bytes_for(*file, entry.offset_bytes, entry.length_bytes);
  if (target_bytes > core_.buffer.block_bytes_max()) throw core_.too_large(entry);
  const auto block = core_.buffer.take(target_bytes);
  if (!block) {
    if (file != nullptr) files_.release(entry.file_index);
    short_of_ = Short::blocks;
    return false;
  }
  ++taken_count_;
  next_row_ += entry.row_count;
  core_.entries[block->index] = entry;
  if (file == nullptr) {
    ready_.push_back(block->index);
    return true;
  }
  pending_.push_back({.file = file,
                      .offset_bytes = entry.offset_bytes,
                      .length_bytes = entry.length_bytes,
                      .target = block->bytes,
                      .tag = block->index});
  add(core_.stats.feeder.read_count, 1);
  add(core_.stats.feeder.wanted_bytes, entry.length_bytes);
  return true;
}

// How many rows, from next_row_ on, lie behind each other in one file; moves end_bytes to the last
// one's end.
uint32_t Feeder::coalesced_rows(uint64_t begin_bytes, uint64_t& end_bytes) const {
  const Slot& slot = core_.slots.at(slot_index_);
  const uint64_t file_index = slot.locations[next_row_].file_index;
  uint32_t row = next_row_ + 1;
  for (; row < slot.row_count; ++row) {
    if (slot.locations[row].file_index != file_index) break;
    const Span next = wanted_span(core_.plan, slot.locations[row]);
    if (next.empty() || next.begin_bytes < end_bytes) break;
    if (next.begin_bytes - end_bytes > k_gap_bytes_max) break;
    if (next.end_bytes - begin_bytes > k_coalesced_bytes_max) break;
    end_bytes = next.end_bytes;
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
  const uint64_t begin_ns = steady_now_ns();
  const size_t taken = ring_->submit(pending_);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<ptrdiff_t>(taken));
  core_.stats.feeder.in_flight.store(ring_->in_flight(), std::memory_order_relaxed);
  const size_t count = ring_->wait(done_, 1, begin_ns + k_stop_check_ns);
  chain(std::span(done_).first(count));
  hand_over();
  add(core_.stats.feeder.in_flight_ns, steady_now_ns() - begin_ns);
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
    core_.stats.feeder.read_latency_ns.add(one.latency_ns);
    if (one.result > 0) {
      add(core_.stats.feeder.arrived_bytes, static_cast<uint64_t>(one.result));
    }
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
    const uint64_t target_count = back_count + std::max<uint64_t>(1, out_count / 4);
    core_.wake_at_count.store(target_count);
    if (core_.handed_back_count.load() >= target_count) return;
  }
  core_.feeder_signal.wait(feeder_signal);
  add(short_of_ == Short::slots ? core_.stats.feeder.starved_for_slots_ns
                                : core_.stats.feeder.starved_for_blocks_ns,
      steady_now_ns() - begin_ns);
}

}  // namespace headrace::loader

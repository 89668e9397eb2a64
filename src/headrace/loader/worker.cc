// Rows from bytes.
#include "headrace/loader/worker.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "headrace/base/clock.h"
#include "headrace/base/hash.h"
#include "headrace/kernels/unpacker.h"
#include "headrace/loader/wanted_bytes.h"

namespace headrace::loader {
namespace {

using formats::FieldExtent;

constexpr const char* k_cannot_read = "cannot read the sample's bytes";
// Into the second-level cache, two rows ahead: copying 3 KB from anywhere in 2 GiB took 390 to 430
// ns so, 455 to 465 with the next row into the first level, 440 to 740 without (AMD Zen 4, one
// core).
constexpr uint32_t k_rows_ahead = 2;
constexpr int k_second_level = 1;  // what the compiler calls low temporal locality
constexpr size_t k_prefetched_bytes =
    4096;  // of a field; the hardware follows longer ones by itself

// The field's bytes inside what was read, or nothing when the read does not cover them.
std::span<const std::byte> read_bytes_of(const Entry& entry, const FieldExtent& extent) {
  const uint64_t skip = extent.offset_bytes - entry.offset_bytes;
  const auto read_bytes = static_cast<uint64_t>(entry.result);
  if (extent.offset_bytes < entry.offset_bytes || skip > read_bytes ||
      extent.length_bytes > read_bytes - skip) {
    return {};
  }
  return {entry.data + skip, extent.length_bytes};
}

void move_row(const pipeline::Plan& plan, Slot& slot, uint32_t from, uint32_t to) {
  slot.ids[to] = slot.ids[from];
  slot.places[to] = slot.places[from];
  slot.locations[to] = slot.locations[from];
  for (const pipeline::FieldPlan& field : plan.fields) {
    std::byte* rows = slot.bytes.data() + field.slot_offset_bytes;
    std::memcpy(rows + to * field.row_bytes, rows + from * field.row_bytes, field.row_bytes);
  }
  for (DeferredField& field : slot.deferred) {
    if (field.can_defer()) field.move_row(from, to);
  }
}

}  // namespace

uint32_t close_gaps(const pipeline::Plan& plan, Slot& slot) {
  uint32_t kept_count = 0;
  for (uint32_t row = 0; row < slot.row_count; ++row) {
    if (slot.failures[row].what != nullptr) continue;
    if (kept_count != row) move_row(plan, slot, row, kept_count);
    ++kept_count;
  }
  return kept_count;
}

namespace {

bool may_leave_out(const Core& core, const Slot& slot) {
  if (core.options.on_error == pipeline::OnError::skip) return true;
  return std::ranges::all_of(std::span(slot.failures).first(slot.row_count), [](const auto& row) {
    return row.what == nullptr || row.is_left_out;
  });
}

// Ragged rows one behind the other, and where each begins in place of its length.
void move_together(const pipeline::Plan& plan, Slot& slot) {
  for (const pipeline::FieldPlan& field : plan.fields) {
    if (!field.moves_together()) continue;
    const pipeline::FieldPlan& lengths = plan.fields[field.lengths_field];
    std::byte* rows = slot.bytes.data() + field.slot_offset_bytes;
    auto* offsets = reinterpret_cast<int64_t*>(slot.bytes.data() + lengths.slot_offset_bytes);
    const size_t step_bytes = field.row_bytes / field.spec.shape[0];
    int64_t at = 0;
    for (uint32_t row = 0; row < slot.row_count; ++row) {
      const bool is_good = slot.failures[row].what == nullptr || !slot.has_failures.load();
      const int64_t length = is_good ? offsets[row] : 0;  // a bad batch is never handed out
      std::memmove(rows + static_cast<size_t>(at) * step_bytes, rows + row * field.row_bytes,
                   static_cast<size_t>(length) * step_bytes);
      offsets[row] = std::exchange(at, at + length);
    }
    offsets[slot.row_count] = at;
  }
}

}  // namespace

Worker::Worker(Core& core, uint32_t worker_index)
    : core_(core),
      stats_(core.stats.workers[worker_index]),
      laps_(core.options.profile ? &stats_.laps : nullptr),
      unpacker_(core.plan) {
  for (const pipeline::FieldPlan& field : core_.plan.fields) {
    scratches_.push_back(field.op->make_scratch());
  }
}

void Worker::run() noexcept {
  core_.profiler.name_this_thread("headrace worker");
  while (const auto first_entry = core_.queue.pop()) {
    const uint64_t begin_ns = steady_now_ns();
    stats_.idle.end(begin_ns);
    const uint64_t ops_before_ns = stats_.ops_ns();
    const uint64_t row_count = [&] {
      const shim::Range range(core_.profiler, "decode");
      return make_chain(*first_entry);
    }();
    const uint64_t end_ns = steady_now_ns();
    const uint64_t in_ops_ns = stats_.ops_ns() - ops_before_ns;
    const uint64_t spent_ns = end_ns - begin_ns;
    stats_.times.add(observe::Stage::other, spent_ns > in_ops_ns ? spent_ns - in_ops_ns : 0,
                     row_count);
    stats_.idle.begin(end_ns);
  }
}

uint64_t Worker::make_chain(uint32_t first_entry) noexcept {
  uint64_t row_count = 0, block_count = 0;
  for (uint32_t index = first_entry; index != k_no_entry;) {
    const Entry entry = core_.entries[index];  // a copy: handed back, it is the feeder's again
    make_rows(entry);
    if (core_.has_block(index)) {
      core_.buffer.hand_back(index);
      ++block_count;
    }
    index = entry.next;
    row_count += entry.row_count;
    Slot& slot = core_.slots.at(entry.slot_index);
    if (slot.open_rows.fetch_sub(entry.row_count, std::memory_order_acq_rel) == entry.row_count) {
      finish_slot(core_, entry.slot_index);
    }
  }
  if (block_count > 0) core_.note_handed_back(block_count);
  return row_count;
}

void Worker::make_rows(const Entry& entry) noexcept {
  Slot& slot = core_.slots.at(entry.slot_index);
  const uint32_t end_row = entry.first_row + entry.row_count;
  uint32_t ahead = entry.first_row;  // rows before it are on their way
  for (uint32_t row = entry.first_row; row < end_row; ++row) {
    if (core_.resident != nullptr) {
      const uint32_t wanted = std::min(end_row, row + k_rows_ahead + 1);
      for (; ahead < wanted; ++ahead) prefetch(slot, ahead);
    }
    const RowFailure failure =
        make_row(entry.scattered ? core_.entries[slot.sources[row]] : entry, slot, row);
    if (failure.what == nullptr) continue;
    slot.failures[row] = failure;
    slot.has_failures.store(true, std::memory_order_release);
  }
  if (!entry.scattered) return;
  std::atomic<uint64_t>& rows = core_.window_rows[entry.window_index];
  const bool last = rows.fetch_sub(entry.row_count, std::memory_order_acq_rel) == entry.row_count;
  if (last) core_.feeder_signal.ring();
}

// Bytes that lie anywhere in memory take longer to come than a small sample takes to make.
void Worker::prefetch(const Slot& slot, uint32_t row) const noexcept {
  const formats::Location& location = slot.locations[row];
  for (const pipeline::FieldPlan& field : core_.plan.fields) {
    const FieldExtent* extent = extent_of(field, location);
    if (extent == nullptr || extent->length_bytes >= formats::k_inline) continue;
    const auto bytes = core_.resident->bytes(location.file_index, *extent);
    const size_t end_bytes = std::min(bytes.size(), k_prefetched_bytes);
    for (size_t at = 0; at < end_bytes; at += 64)
      __builtin_prefetch(bytes.data() + at, 0, k_second_level);
  }
}

RowFailure Worker::make_row(const Entry& entry, Slot& slot, uint32_t row) noexcept {
  if (entry.result < 0) {
    return {.what = k_cannot_read,
            .offset_bytes = entry.offset_bytes,
            .error_number = static_cast<int>(-entry.result),
            .reading = true};
  }
  if (core_.dataset.in_pieces()) return make_row_of_pieces(slot, row);
  const uint64_t place = slot.places[row];
  const bool check = core_.options.verify_checksums && !core_.has_agreed(place);
  for (uint32_t field = 0; field < core_.plan.fields.size(); ++field) {
    RowFailure failure = make_field(entry, slot, {row, field, check});
    if (failure.what != nullptr) {
      failure.field_index = field;
      return failure;
    }
  }
  if (check) core_.note_agreed(place);
  return {};
}

// A sample that lies in several places: put together once, for all fields.
RowFailure Worker::make_row_of_pieces(const Slot& slot, uint32_t row) noexcept {
  pieces_.clear();
  core_.dataset.append_pieces(slot.ids[row], pieces_);
  gathered_.clear();
  const uint32_t file_index = slot.locations[row].file_index;
  for (const FieldExtent& piece : pieces_) {
    const auto bytes = core_.resident->bytes(file_index, piece);
    if (bytes.size() != piece.length_bytes) return missing_bytes(file_index, piece);
    gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
  }
  for (uint32_t field = 0; field < core_.plan.fields.size(); ++field) {
    RowFailure failure = run_op(slot, {row, field}, gathered_);
    if (failure.what == nullptr) continue;
    failure.field_index = field;
    failure.offset_bytes = pieces_.front().offset_bytes;
    return failure;
  }
  return {};
}

std::span<const std::byte> Worker::bytes_of(const Entry& entry, const formats::Location& location,
                                            const FieldExtent& extent) const noexcept {
  return core_.resident != nullptr ? core_.resident->bytes(location.file_index, extent)
                                   : read_bytes_of(entry, extent);
}

RowFailure Worker::missing_bytes(uint64_t file_index, const FieldExtent& extent) const noexcept {
  const int error_number = core_.resident != nullptr ? core_.resident->error_number(file_index) : 0;
  return {.what = error_number != 0 ? k_cannot_read : "the file ends before the sample does",
          .offset_bytes = extent.offset_bytes,
          .error_number = error_number,
          .reading = true};
}

RowFailure Worker::make_field(const Entry& entry, Slot& slot, const Cell& cell) noexcept {
  const auto [row, field_index, check] = cell;
  const pipeline::FieldPlan& field = core_.plan.fields[field_index];
  const FieldExtent* extent = extent_of(field, slot.locations[row]);
  if (extent == nullptr) {
    return make_missing(
        slot, cell, {.what = "the sample lacks this field", .offset_bytes = entry.offset_bytes});
  }
  std::array<char, 24> text;  // an inline value, as the field's text
  std::span<const std::byte> bytes;
  if (extent->length_bytes == formats::k_inline) {
    const auto end = std::to_chars(text.data(), text.data() + text.size(),
                                   static_cast<int64_t>(extent->offset_bytes));
    bytes = std::as_bytes(std::span(text.data(), end.ptr));
  } else if (core_.reads_on_device()) {
    return leave_unread(slot, cell, *extent);
  } else {
    bytes = bytes_of(entry, slot.locations[row], *extent);
    if (bytes.size() != extent->length_bytes) {
      return missing_bytes(slot.locations[row].file_index, *extent);
    }
    mark(laps_, Part::queue);
    if (check && extent->checksum != 0 && xxh3(bytes) != extent->checksum) {
      return {.what = "the bytes differ from their checksum", .offset_bytes = extent->offset_bytes};
    }
    mark(laps_, Part::checksum);
  }
  const auto kind = packed_kind(field, slot.locations[row]);
  if (leave_to_device(slot, cell, kind, bytes)) return {};
  if (kind != codec::Kind::none) {
    RowFailure failure = make_packed(slot, cell, kind, bytes);
    failure.offset_bytes = extent->offset_bytes;  // the operator's own counts unpacked bytes
    return failure;
  }
  RowFailure failure = run_op(slot, cell, bytes);
  // Not `return failure`: reading back what was just written waits for all writes before it, which
  // are the row. With the same for `cell`, 0.03 us of a 3 KB sample's 0.31 (Intel Xeon, in cache).
  if (failure.what == nullptr) return {};
  if (extent->length_bytes != formats::k_inline) failure.offset_bytes += extent->offset_bytes;
  return failure;
}

RowFailure Worker::make_packed(const Slot& slot, const Cell& cell, codec::Kind kind,
                               std::span<const std::byte> packed) noexcept {
  const uint64_t begin_ns = steady_now_ns();
  const auto bytes = unpacker_.run(kind, packed, cell.field_index, target_of(slot, cell));
  stats_.times.add(observe::Stage::decode, steady_now_ns() - begin_ns, 1);
  if (!bytes) return {.what = bytes.error()};
  return run_op(slot, cell, *bytes);
}

std::span<std::byte> Worker::target_of(const Slot& slot, const Cell& cell) const noexcept {
  const pipeline::FieldPlan& field = core_.plan.fields[cell.field_index];
  return slot.bytes.subspan(field.slot_offset_bytes + cell.row * field.row_bytes, field.row_bytes);
}

RowFailure Worker::leave_unread(Slot& slot, const Cell& cell, const FieldExtent& extent) noexcept {
  if (extent.length_bytes != core_.plan.fields[cell.field_index].row_bytes) {
    return {.what = "another count of bytes than the shape asks for",
            .offset_bytes = extent.offset_bytes};
  }
  slot.deferred[cell.field_index].leave(cell.row, extent.length_bytes);
  return {};
}

ops::Context Worker::context_of(const Slot& slot, const Cell& cell) noexcept {
  return {.draw = core_.draw_key_of(slot, {cell.row, cell.field_index}),
          .times = &stats_.times,
          .laps = laps_,
          .stored = stored_as(core_.plan.fields[cell.field_index], slot.locations[cell.row])};
}

bool Worker::leave_to_device(Slot& slot, const Cell& cell, codec::Kind packed,
                             std::span<const std::byte> bytes) noexcept {
  if (slot.deferred.empty()) return false;
  DeferredField& deferred = slot.deferred[cell.field_index];
  if (core_.reads_on_device() || !deferred.can_defer() || !deferred.wants(cell.row)) return false;
  DeferredRow what{.packed = packed};
  const auto* image = dynamic_cast<const ops::Image*>(core_.plan.fields[cell.field_index].op.get());
  if (image != nullptr) {
    if (packed != codec::Kind::none) return false;
    const auto shown = image->shown_of(bytes, context_of(slot, cell).draw);
    if (!shown) return false;
    const uint64_t pixel_count = uint64_t{shown->stored.width} * shown->stored.height;
    if (3 * pixel_count > core_.options.deferral->picture_bytes_max) return false;
    what.shown = *shown;
  } else {
    const size_t row_bytes = core_.plan.fields[cell.field_index].row_bytes;
    if (!kernels::Unpacker::can_unpack(packed, row_bytes)) return false;
    if (codec::announced_bytes(packed, bytes) != row_bytes) return false;
  }
  return deferred.put(cell.row, bytes, what);
}

RowFailure Worker::run_op(const Slot& slot, const Cell& cell,
                          std::span<const std::byte> bytes) noexcept {
  const pipeline::FieldPlan& field = core_.plan.fields[cell.field_index];
  const auto made = field.op->run(bytes, context_of(slot, cell), *scratches_[cell.field_index],
                                  target_of(slot, cell));
  if (made) return {};
  const RowFailure failure{.what = made.error().what, .offset_bytes = made.error().offset_bytes};
  return made.error().is_missing ? make_missing(slot, cell, failure) : failure;
}

RowFailure Worker::make_missing(const Slot& slot, const Cell& cell,
                                RowFailure failure) const noexcept {
  const pipeline::FieldPlan& field = core_.plan.fields[cell.field_index];
  failure.is_left_out = field.skips_missing;
  if (field.missing_row.empty()) return failure;
  std::memcpy(target_of(slot, cell).data(), field.missing_row.data(), field.missing_row.size());
  return {};
}

void finish_slot(Core& core, uint32_t slot_index) noexcept {
  Slot& slot = core.slots.at(slot_index);
  if (slot.has_failures.load(std::memory_order_acquire) && may_leave_out(core, slot)) {
    core.note_skipped(slot);
    slot.row_count = close_gaps(core.plan, slot);
    std::ranges::fill(slot.failures, RowFailure{});
    slot.has_failures.store(false, std::memory_order_relaxed);
  }
  move_together(core.plan, slot);
  core.finished[slot.sequence % core.slots.count()].store(slot_index + 1,
                                                          std::memory_order_release);
  core.batch_signal.ring();
}

}  // namespace headrace::loader

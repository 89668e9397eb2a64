// Rows from bytes.
#include "headrace/loader/worker.h"

#include <charconv>
#include <cstring>

#include "headrace/base/clock.h"
#include "headrace/base/hash.h"

namespace headrace::loader {
namespace {

using formats::FieldExtent;

// The first of the field's sources that this sample has.
const FieldExtent* extent_of(const pipeline::FieldPlan& field, const formats::Location& location) {
  for (const uint32_t source : field.sources) {
    const FieldExtent& extent = location.fields[source];
    if (extent.length_bytes != formats::k_absent) return &extent;
  }
  return nullptr;
}

// The field's bytes inside what was read, or nothing when the read does not cover them.
std::span<const std::byte> bytes_of(const Entry& entry, const FieldExtent& extent) {
  const uint64_t skip = extent.offset_bytes - entry.offset_bytes;
  const auto read_bytes = static_cast<uint64_t>(entry.result);
  if (extent.offset_bytes < entry.offset_bytes || skip > read_bytes ||
      extent.length_bytes > read_bytes - skip) {
    return {};
  }
  return {entry.data + skip, extent.length_bytes};
}

// Moves the good rows together, so that the batch is shorter and has no hole. Depends only on which
// rows failed.
uint32_t close_gaps(const pipeline::Plan& plan, Slot& slot) {
  uint32_t kept_count = 0;
  for (uint32_t row = 0; row < slot.row_count; ++row) {
    if (slot.failures[row].what != nullptr) continue;
    if (kept_count != row) {
      slot.ids[kept_count] = slot.ids[row];
      for (const pipeline::FieldPlan& field : plan.fields) {
        std::byte* rows = slot.bytes.data() + field.slot_offset_bytes;
        std::memcpy(rows + kept_count * field.row_bytes, rows + row * field.row_bytes,
                    field.row_bytes);
      }
    }
    ++kept_count;
  }
  return kept_count;
}

}  // namespace

Worker::Worker(Core& core, uint32_t worker_index)
    : core_(core), stats_(core.stats.workers[worker_index]) {
  for (const pipeline::FieldPlan& field : core_.plan.fields) {
    scratches_.push_back(field.op->make_scratch());
  }
}

void Worker::run() noexcept {
  uint64_t idle_since_ns = steady_now_ns();
  while (const auto entry_index = core_.queue.pop()) {
    const uint64_t begin_ns = steady_now_ns();
    const Entry entry = core_.entries[*entry_index];
    const uint64_t ops_before_ns = stats_.ops_ns();
    make_rows(entry);
    core_.hand_back(*entry_index);
    Slot& slot = core_.slots.at(entry.slot_index);
    if (slot.open_rows.fetch_sub(entry.row_count, std::memory_order_acq_rel) == entry.row_count) {
      finish_slot(core_, entry.slot_index);
    }
    const uint64_t end_ns = steady_now_ns();
    const uint64_t in_ops_ns = stats_.ops_ns() - ops_before_ns;
    const uint64_t spent_ns = end_ns - begin_ns;
    stats_.times.add(observe::Stage::other, spent_ns > in_ops_ns ? spent_ns - in_ops_ns : 0,
                     entry.row_count);
    stats_.add_idle(begin_ns - idle_since_ns);
    idle_since_ns = end_ns;
  }
}

void Worker::make_rows(const Entry& entry) noexcept {
  Slot& slot = core_.slots.at(entry.slot_index);
  for (uint32_t row = entry.first_row; row < entry.first_row + entry.row_count; ++row) {
    slot.failures[row] = make_row(entry, row);
    if (slot.failures[row].what != nullptr) {
      slot.has_failures.store(true, std::memory_order_release);
    }
  }
}

RowFailure Worker::make_row(const Entry& entry, uint32_t row) noexcept {
  if (entry.result < 0) {
    return {.what = "cannot read the sample's bytes",
            .offset_bytes = entry.offset_bytes,
            .error_number = static_cast<int>(-entry.result),
            .reading = true};
  }
  for (uint32_t field = 0; field < core_.plan.fields.size(); ++field) {
    RowFailure failure = make_field(entry, row, field);
    if (failure.what != nullptr) {
      failure.field_index = field;
      return failure;
    }
  }
  return {};
}

RowFailure Worker::make_field(const Entry& entry, uint32_t row, uint32_t field_index) noexcept {
  Slot& slot = core_.slots.at(entry.slot_index);
  const pipeline::FieldPlan& field = core_.plan.fields[field_index];
  const FieldExtent* extent = extent_of(field, slot.locations[row]);
  if (extent == nullptr) {
    return {.what = "the sample lacks this field", .offset_bytes = entry.offset_bytes};
  }
  std::array<char, 24> text;  // an inline value, as the field's text
  std::span<const std::byte> bytes;
  if (extent->length_bytes == formats::k_inline) {
    const auto end = std::to_chars(text.data(), text.data() + text.size(),
                                   static_cast<int64_t>(extent->offset_bytes));
    bytes = std::as_bytes(std::span(text.data(), end.ptr));
  } else {
    bytes = bytes_of(entry, *extent);
    if (bytes.size() != extent->length_bytes) {
      return {.what = "the file ends before the sample does",
              .offset_bytes = extent->offset_bytes,
              .reading = true};
    }
    if (core_.options.verify_checksums && extent->checksum != 0 &&
        xxh3(bytes) != extent->checksum) {
      return {.what = "the bytes differ from their checksum", .offset_bytes = extent->offset_bytes};
    }
  }
  const ops::Context context{.draw = {.seed = core_.options.seed,
                                      .epoch = slot.epoch,
                                      .sample_id = slot.ids[row],
                                      .operator_index = field.operator_index},
                             .times = &stats_.times};
  const auto target =
      slot.bytes.subspan(field.slot_offset_bytes + row * field.row_bytes, field.row_bytes);
  const auto made = field.op->run(bytes, context, *scratches_[field_index], target);
  if (made) return {};
  const bool in_file = extent->length_bytes != formats::k_inline;
  return {.what = made.error().what,
          .offset_bytes = made.error().offset_bytes + (in_file ? extent->offset_bytes : 0)};
}

void finish_slot(Core& core, uint32_t slot_index) noexcept {
  Slot& slot = core.slots.at(slot_index);
  if (slot.has_failures.load(std::memory_order_acquire) &&
      core.options.on_error == pipeline::OnError::skip) {
    core.note_skipped(slot);
    slot.row_count = close_gaps(core.plan, slot);
  }
  core.finished[slot.sequence % core.slots.count()].store(slot_index + 1,
                                                          std::memory_order_release);
  core.batch_signal.ring();
}

}  // namespace headrace::loader

// The shared state's few transitions.
#include "headrace/loader/core.h"

#include <algorithm>

#include "headrace/base/clock.h"
#include "headrace/base/endian.h"
#include "headrace/loader/wanted_bytes.h"
#include "headrace/loader/worker.h"

namespace headrace::loader {
namespace {

constexpr size_t k_page_bytes = 4096;

std::unique_ptr<const Resident> make_resident(const formats::Dataset& dataset,
                                              const Options& options) {
  if (!options.in_memory || options.resident != nullptr) return nullptr;
  return std::make_unique<const Resident>(dataset, resident_options(dataset, options));
}

// Rows; their offsets and the end; or what the last offset says.
uint64_t leading_length(const Slot& slot, const pipeline::Plan& plan,
                        const pipeline::FieldPlan& field) {
  if (!field.moves_together()) return slot.row_count + uint64_t{field.becomes_offsets};
  const pipeline::FieldPlan& offsets = plan.fields[field.lengths_field];
  const size_t at = offsets.slot_offset_bytes + slot.row_count * offsets.row_bytes;
  return load_le<uint64_t>(slot.bytes.data() + at);
}

}  // namespace

Core::Core(const pipeline::Plan& plan_, const formats::Dataset& dataset_, const Options& options_)
    : plan(plan_),
      dataset(dataset_),
      options(options_),
      own_resident(make_resident(dataset, options)),
      resident(options.in_memory && own_resident == nullptr ? options.resident
                                                            : own_resident.get()),
      agreed(resident == nullptr || dataset.tokens() ? 0 : dataset.sample_count() / 64 + 1),
      slots({.slot_count = options.prefetch_batches + options.lease_count,
             .slot_bytes = plan.slot_bytes,
             .batch_size = options.batch_size,
             .deferral = options.deferral}),
      // Without reads there is nothing to take of it.
      buffer({.size_bytes = resident == nullptr ? options.read_buffer_bytes : k_page_bytes,
              .block_count_max = options.read_count_max}),
      entries(options.read_count_max + size_t{slots.count()} * options.batch_size),
      queue(static_cast<uint32_t>(entries.size())),
      stats(options.workers, options.blend.size()),
      finished(slots.count()) {
  for (uint32_t index = 0; index < slots.count(); ++index) {
    slots.at(index).leading.resize(plan.fields.size());
  }
}

void Core::note_handed_back(uint64_t block_count) {
  const uint64_t count = handed_back_count.fetch_add(block_count) + block_count;
  if (count < wake_at_count.load()) return;
  wake_at_count.store(k_unknown);
  feeder_signal.ring();
}

std::expected<uint32_t, NoBatch> Core::wait_for(uint64_t sequence, uint64_t deadline_ns) {
  std::atomic<uint32_t>& cell = finished[sequence % slots.count()];
  while (true) {
    const uint32_t seen = batch_signal.seen();
    if (stopping.load(std::memory_order_acquire)) return std::unexpected(NoBatch::end);
    if (const uint32_t slot = cell.exchange(0, std::memory_order_acq_rel)) return slot - 1;
    {
      const std::scoped_lock lock(mutex_);
      if (failure_) throw *failure_;
    }
    if (sequence >= sequence_count.load(std::memory_order_acquire)) {
      return std::unexpected(NoBatch::end);
    }
    if (slots.leased_count() == slots.count()) throw all_held();
    if (steady_now_ns() >= deadline_ns) return std::unexpected(NoBatch::not_yet);
    batch_signal.wait(seen, deadline_ns);
  }
}

Batch Core::lend(uint32_t slot_index) {
  Slot& slot = slots.at(slot_index);
  for (size_t index = 0; index < slot.leading.size(); ++index) {
    slot.leading[index] = leading_length(slot, plan, plan.fields[index]);
  }
  slots.note_leased();
  share();
  return {*this,
          {.slot_index = slot_index,
           .sequence = slot.sequence,
           .epoch = slot.epoch,
           .ids = std::span(slot.ids).first(slot.row_count),
           .leading = slot.leading,
           .bytes = slot.bytes,
           .plan = &plan}};
}

void Core::end_lease(uint32_t slot_index) noexcept {
  slots.end_lease(slot_index);
  feeder_signal.ring();
  let_go();
}

void Core::copy_out(uint32_t, std::span<const std::byte> from, std::span<std::byte> to) const {
  std::ranges::copy(from, to.begin());
}

void Core::note_parts(const Slot& slot) {
  const auto& parts = options.blend;
  if (parts.empty()) return;
  for (const uint64_t id : std::span(slot.ids).first(slot.row_count)) {
    const auto behind = std::ranges::upper_bound(parts, id, {}, &order::BlendPart::first_sample);
    std::atomic<uint64_t>& count =
        stats.consumer.part_samples[static_cast<size_t>(behind - parts.begin()) - 1];
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
}

void Core::fail(Error error) {
  {
    const std::scoped_lock lock(mutex_);
    if (!failure_) failure_ = std::move(error);
  }
  batch_signal.ring();
}

Error Core::error_of(const Slot& slot) const {
  uint32_t row = 0;
  while (row + 1 < slot.row_count && slot.failures[row].what == nullptr) ++row;
  const RowFailure& failure = slot.failures[row];
  std::string cause = failure.what;
  if (failure.error_number != 0) cause += ": " + text_of_errno(failure.error_number);
  if (!failure.reading) {
    cause =
        fmt::format("field {}: {}", field_text(failure.field_index, slot.locations[row]), cause);
  }
  const std::string origin = dataset.origin(slot.places[row]);
  if (!origin.empty()) cause += fmt::format(" ({})", origin);
  return Error({.code = failure.error_number != 0 ? Code::io : Code::corrupt,
                .action = fmt::format("cannot make sample {} of", slot.ids[row]),
                .object = dataset.file(slot.locations[row].file_index).path,
                .offset_bytes = failure.offset_bytes,
                .cause = std::move(cause),
                .hint = failure.reading
                            ? "run headrace verify on the data set, and see dmesg for the device"
                            : "mend or remove it, or leave bad samples out: --on-error skip "
                              "(loader.on_error = \"skip\")"});
}

// With what the data set calls it.
std::string Core::field_text(uint32_t field_index, const formats::Location& location) const {
  const pipeline::FieldPlan& field = plan.fields[field_index];
  const auto source = source_of(field, location);
  if (!source) return field.name;
  const std::string& name = dataset.field_names()[field.sources[*source]];
  return name == field.name ? name : fmt::format("{} of {}", field.name, name);
}

Error Core::too_large(const Entry& entry) const {
  return Error({.code = Code::invalid_argument,
                .action = "cannot read a sample of",
                .object = dataset.file(entry.file_index).path,
                .offset_bytes = entry.offset_bytes,
                .cause = fmt::format("its {} bytes do not fit into a read buffer of {}",
                                     entry.length_bytes, buffer.block_bytes_max()),
                .hint = "raise loader.read_ahead"});
}

// Rows have moved since the workers noted theirs.
void Core::note_late_failure(Slot& slot, uint32_t row, const RowFailure& failure) {
  if (!slot.has_late_failures) {
    std::ranges::fill(slot.failures, RowFailure{});
    slot.has_failures.store(true, std::memory_order_relaxed);
    slot.has_late_failures = true;
  }
  slot.failures[row] = failure;
}

void Core::drop_late_failures(Slot& slot) {
  slot.has_late_failures = false;
  if (options.on_error == pipeline::OnError::fail) throw error_of(slot);
  note_skipped(slot);
  slot.row_count = close_gaps(plan, slot);
}

void Core::note_skipped(const Slot& slot) {
  const std::scoped_lock lock(mutex_);
  for (uint32_t row = 0; row < slot.row_count; ++row) {
    const RowFailure& failure = slot.failures[row];
    if (failure.what == nullptr) continue;
    if (stats.skipped_count.fetch_add(1) >= options.skip_count_max) {
      if (!failure_) failure_ = too_many_skipped(slot, row);
      return;
    }
    skipped_.push_back({.sample_id = slot.ids[row],
                        .file_index = slot.locations[row].file_index,
                        .offset_bytes = failure.offset_bytes,
                        .what = failure.what,
                        .error_number = failure.error_number,
                        .field_index = failure.field_index});
  }
}

Error Core::all_held() const {
  return Error({.code = Code::no_space,
                .action = "cannot make another batch",
                .cause = fmt::format("the trainer holds all {} batches that this loader has memory "
                                     "for ({} ahead and {} held)",
                                     slots.count(), options.prefetch_batches, options.lease_count),
                .hint =
                    "let go of batches (a tensor, a view or a list keeps its whole batch), copy "
                    "what must stay, or raise loader.hold"});
}

Error Core::too_many_skipped(const Slot& slot, uint32_t row) const {
  return Error({.code = Code::corrupt,
                .action = "cannot go on skipping samples of",
                .object = dataset.file(slot.locations[row].file_index).path,
                .offset_bytes = slot.failures[row].offset_bytes,
                .cause = fmt::format("more than {} samples are bad; the last one: {}",
                                     options.skip_count_max, slot.failures[row].what),
                .hint = "run headrace verify, or raise loader.max_skipped"});
}

std::vector<Skipped> Core::skipped() const {
  const std::scoped_lock lock(mutex_);
  return skipped_;
}

void Core::note_ring(io::RingInfo info) {
  const std::scoped_lock lock(mutex_);
  ring_info_ = std::move(info);
}

io::RingInfo Core::ring_info() const {
  const std::scoped_lock lock(mutex_);
  return ring_info_;
}

}  // namespace headrace::loader

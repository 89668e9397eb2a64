// All work of a batch goes to the stream of copies, in order, so that memory for pixels serves one
// part of a batch after another.
#include "headrace/loader/device_rows.h"

#include "headrace/base/clock.h"

namespace headrace::loader {
namespace {

constexpr uint64_t k_room_margin_bytes = uint64_t{4} << 20;
constexpr uint64_t k_room_step_bytes = 4096;
constexpr uint64_t k_pixel_alignment_bytes = 256;

// For a field of samples as large as the data set's are on the average, and a quarter more; rows
// that find none are the host's.
uint64_t room_for(const formats::Dataset& dataset, uint32_t batch_size) {
  const uint64_t mean_bytes = dataset.size_bytes() / std::max<uint64_t>(1, dataset.sample_count());
  const uint64_t wanted = batch_size * (mean_bytes + mean_bytes / 4) + k_room_margin_bytes;
  return wanted / k_room_step_bytes * k_room_step_bytes;
}

}  // namespace

DeviceRows::DeviceRows(const device::Device& device, device::DeviceSlots& slots,
                       const DeviceRowsOptions& options)
    : device_(device),
      slots_(slots),
      deferral_(options.plan.fields.size()),
      on_(options.on),
      shares_(options.plan, deferral_),
      latest_shares_(options.plan.fields.size()),
      unpacker_(options.plan) {
  const bool any_uneven = std::ranges::any_of(
      options.plan.fields, [](const auto& field) { return field.moves_together(); });
  if (any_uneven) {
    why_not_ = "rows of uneven length are moved together by the host";
  } else if (options.on.reads_there) {
    why_not_ = why_not_read_there(options.plan, options.dataset, options.loader);
    if (why_not_.empty()) try_reading_there(options);
  }
  for (uint32_t index = 0; index < options.plan.fields.size(); ++index) {
    const pipeline::FieldPlan& field = options.plan.fields[index];
    scratches_.push_back(field.op->make_scratch());
    is_read_there_.push_back(may_read_there(field));
    const bool is_hosts = field.place == pipeline::Place::cpu || any_uneven;
    if (is_hosts || deferral_.reads_there) continue;
    try {
      add_field(index, options);
    } catch (const Error& error) {
      if (field.place == pipeline::Place::gpu || error.code() != Code::unsupported) throw;
      why_not_ = fmt::format("field {}: {}", field.name, error.what());
    }
  }
  if (!pictures_.empty()) take_list_memory(options.loader.batch_size);
  marks_.emplace(device, StageMarksOptions{.slot_count = slots.count(),
                                           .piece_count = piece_count(options.loader.batch_size)});
  given_s_.resize(slots.count());
  if (options.loader.trace != nullptr) {
    clock_.emplace(device, slots.stream());
    tracer_ = options.loader.trace->tracer(
        k_copier_row, {.group = device.label(), .name = "copy stream", .counted = "rows"});
  }
  rows_.reserve(options.loader.batch_size);
  coded_.reserve(options.loader.batch_size);
  fields_.reserve(options.loader.batch_size);
  good_.resize(options.loader.batch_size);
}

// Compressed fields need nvCOMP for it; without it the host reads everything.
void DeviceRows::try_reading_there(const DeviceRowsOptions& options) {
  deferral_.reads_there = true;
  for (uint32_t index = 0; index < options.plan.fields.size(); ++index) {
    const pipeline::FieldPlan& field = options.plan.fields[index];
    if (field.packed.empty()) continue;
    try {
      add_packed(index, options);
    } catch (const Error& error) {
      if (field.place == pipeline::Place::gpu || error.code() != Code::unsupported) throw;
      why_not_ = fmt::format("field {}: {}", field.name, error.what());
      packed_.clear();
      deferral_.reads_there = false;
      return;
    }
  }
}

void DeviceRows::add_field(uint32_t field_index, const DeviceRowsOptions& options) {
  const pipeline::FieldPlan& plan = options.plan.fields[field_index];
  Deferral::Field& field = deferral_.fields[field_index];
  const bool is_picture = dynamic_cast<const ops::Image*>(plan.op.get()) != nullptr;
  if (!is_picture && plan.packed.empty()) return;  // nothing to unpack
  field.room_bytes = room_for(options.dataset, options.loader.batch_size);
  try {
    is_picture ? add_pictures(field_index, options) : add_packed(field_index, options);
  } catch (...) {
    field.room_bytes = 0;
    throw;
  }
  field.share = plan.place == pipeline::Place::automatic ? k_share_whole / 2 : k_share_whole;
}

void DeviceRows::add_pictures(uint32_t field_index, const DeviceRowsOptions& options) {
  if (!decoder_) {
    launcher_.emplace(device_, options.on.kernels);
    decoder_.emplace(device_,
                     kernels::JpegDecoderOptions{.library = options.on.nvjpeg,
                                                 .batch_count = options.loader.batch_size});
    pixels_.emplace(device_, options.on.decode_bytes);
    deferral_.picture_bytes_max = options.on.decode_bytes;
  }
  const auto* image = static_cast<const ops::Image*>(options.plan.fields[field_index].op.get());
  pictures_.push_back({field_index, image, kernels::format_of(image->writer())});
}

void DeviceRows::add_packed(uint32_t field_index, const DeviceRowsOptions& options) {
  packed_.push_back(
      {field_index,
       std::make_unique<kernels::Unpacker>(
           device_, kernels::UnpackerOptions{
                        .library = options.on.nvcomp,
                        .field_count = options.loader.batch_size,
                        .field_bytes = options.plan.fields[field_index].row_bytes,
                        .packed_bytes = room_for(options.dataset, options.loader.batch_size)})});
}

void DeviceRows::take_list_memory(uint32_t batch_size) {
  list_stride_ = pictures_.size() * batch_size;
  const size_t list_bytes = slots_.count() * list_stride_ * sizeof(kernels::Picture);
  list_arena_.emplace(memory::ArenaOptions{.size_bytes = list_bytes});
  pinned_list_.emplace(device_, list_arena_->bytes());
  list_.emplace(device_, list_bytes);
}

uint64_t DeviceRows::send(Core& core, Slot& batch, uint32_t slot_index) {
  if (deferral_.reads_there) read_rows(core, batch);  // needs nothing of the slot's readers
  slots_.begin_send(slot_index);
  const uint64_t began_ns = steady_now_ns();
  start_rows(core, batch, slot_index);
  while (has_failed_rows_) {  // and the others have moved
    core.drop_late_failures(batch);
    slots_.stream().synchronize();
    start_rows(core, batch, slot_index);
  }
  given_s_[slot_index] = static_cast<double>(steady_now_ns() - began_ns) / 1e9;
  const uint64_t copied_bytes = packed_bytes_ + copy_rows(core, batch, slot_index);
  note(slot_index, {DeviceStage::copy, batch.row_count});
  slots_.end_send(slot_index);
  return copied_bytes;
}

// Pictures may have room one by one only; of a compressed field, the copy and the unpacking; of
// rows that were read there, the move into place; and the copy of the rest.
uint32_t DeviceRows::piece_count(uint32_t batch_size) const {
  const size_t count = 2 * pictures_.size() * batch_size + 2 * packed_.size() + 2;
  return static_cast<uint32_t>(count);
}

void DeviceRows::note(uint32_t slot_index, const StageMarks::Work& work) {
  marks_->end(slot_index, work, slots_.stream().handle());
}

void DeviceRows::start_rows(Core& core, Slot& batch, uint32_t slot_index) {
  has_failed_rows_ = false;
  list_begin_ = list_end_ = slot_index * list_stride_;
  packed_bytes_ = 0;
  marks_->begin(slot_index, slots_.stream().handle());
  if (reads_ != nullptr)
    reads_->place(core.plan, batch, slots_.address(slot_index), slots_.stream());
  for (const Pictures& field : pictures_) start_pictures(field, core, batch, slot_index);
  for (const Packed& field : packed_) {
    packed_bytes_ += start_packed(field, core, batch, slot_index);
  }
}

void DeviceRows::read_rows(Core& core, Slot& batch) {
  if (reads_ == nullptr) {
    reads_ = std::make_unique<DeviceReads>(device_, core, on_);
    for (const Packed& field : packed_) {
      reads_->unpack_from(field.field_index, field.unpacker->room(), field.unpacker->room_bytes());
    }
  }
  bool any_failed = false;
  reads_->read(core, batch, [&](const RowPlace& place, RowFailure failure) {
    failure.field_index = place.field_index;
    batch.deferred[place.field_index].made_by_host(place.row);
    core.note_late_failure(batch, place.row, failure);
    any_failed = true;
  });
  if (any_failed) core.drop_late_failures(batch);
}

std::string DeviceRows::reading() const { return reads_ == nullptr ? "" : reads_->choice(); }

void DeviceRows::start_pictures(const Pictures& field, Core& core, Slot& batch,
                                uint32_t slot_index) {
  const DeferredField& deferred = batch.deferred[field.field_index];
  rows_.clear();
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    if (deferred.is_deferred(row)) rows_.push_back(row);
  }
  for (std::span<const uint32_t> rest = rows_; !rest.empty();) {
    const size_t taken = take_some(deferred, rest);
    {
      const shim::Range range(profiler_, observe::k_device_decode);
      decoder_->start(coded_, std::span(good_).first(taken), slots_.stream().handle());
    }
    note(slot_index, {DeviceStage::decode, static_cast<uint32_t>(taken)});
    make_some(field, core, batch, slot_index, rest.first(taken));
    rest = rest.subspan(taken);
  }
}

// As many pictures as there is room for; each alone has some.
size_t DeviceRows::take_some(const DeferredField& deferred, std::span<const uint32_t> rows) {
  coded_.clear();
  uint64_t used_bytes = 0;
  for (const uint32_t row : rows) {
    const ops::Shown& shown = deferred.row(row).shown;
    const uint64_t bytes = pixel_bytes_of(shown);
    if (bytes > pixels_->size_bytes() - std::min<uint64_t>(used_bytes, pixels_->size_bytes())) {
      break;
    }
    coded_.push_back({.bytes = deferred.bytes_of(row),
                      .pixels = pixels_->address() + used_bytes,
                      .stride_bytes = stride_of(shown),
                      .baseline = shown.baseline});
    used_bytes +=
        (bytes + k_pixel_alignment_bytes - 1) / k_pixel_alignment_bytes * k_pixel_alignment_bytes;
  }
  return coded_.size();
}

void DeviceRows::make_some(const Pictures& field, Core& core, Slot& batch, uint32_t slot_index,
                           std::span<const uint32_t> rows) {
  const shim::Range range(profiler_, observe::k_device_kernel);
  const size_t list_bytes = sizeof(kernels::Picture);
  auto* list = reinterpret_cast<kernels::Picture*>(list_arena_->bytes().data());
  list_begin_ = list_end_;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (good_[i] == 0) {
      make_here(core, batch, {rows[i], field.field_index});
      continue;
    }
    const ops::Shown& shown = batch.deferred[field.field_index].row(rows[i]).shown;
    const uint64_t stride_bytes = stride_of(shown);
    const jpeg::Box& box = shown.reach.decoded;
    const shim::CuAddress first = coded_[i].pixels + box.y * stride_bytes + uint64_t{3} * box.x;
    list[list_end_++] = {.pixels = reinterpret_cast<const uint8_t*>(first),
                         .stride_bytes = stride_bytes,
                         .columns = shown.reach.columns,
                         .rows = shown.reach.rows,
                         .target_row = rows[i],
                         .transpose = shown.transpose};
  }
  const std::span pictures(list + list_begin_, list_end_ - list_begin_);
  const shim::CuAddress there = list_->address() + list_begin_ * list_bytes;
  const pipeline::FieldPlan& plan = core.plan.fields[field.field_index];
  kernels::PictureBatch made{
      .pictures = reinterpret_cast<const kernels::Picture*>(there),
      .picture_count = static_cast<uint32_t>(pictures.size()),
      .target = reinterpret_cast<std::byte*>(slots_.address(slot_index) + plan.slot_offset_bytes),
      .format = field.format};
  if (pictures.empty()) return;
  const kernels::PictureLaunch launch = plan_launch(pictures, made);
  device_.check(device_.driver().copy_to_device(there, pictures.data(), pictures.size_bytes(),
                                                slots_.stream().handle()),
                "cannot copy a list of pictures to");
  launcher_->start(made, launch, slots_.stream().handle());
  note(slot_index, {DeviceStage::kernel, made.picture_count});
}

// Whether rows are good is known when the stream has passed, and a batch must not be given before.
// Returns the bytes that were sent.
uint64_t DeviceRows::start_packed(const Packed& field, Core& core, Slot& batch,
                                  uint32_t slot_index) {
  const DeferredField& deferred = batch.deferred[field.field_index];
  const pipeline::FieldPlan& plan = core.plan.fields[field.field_index];
  const shim::CuAddress rows = slots_.address(slot_index) + plan.slot_offset_bytes;
  rows_.clear();
  fields_.clear();
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    const DeferredRow& one = deferred.row(row);
    if (!deferred.is_deferred(row) || one.packed == codec::Kind::none) continue;
    if (one.offset_bytes == k_nowhere) {
      make_here(core, batch, {row, field.field_index});
      continue;
    }
    rows_.push_back(row);
    fields_.push_back(
        {.kind = one.packed,
         .bytes = reads_ == nullptr ? deferred.bytes_of(row) : std::span<const std::byte>(),
         .offset_bytes = one.gathered_bytes,
         .packed_bytes = one.length_bytes,
         .target = rows + row * plan.row_bytes,
         .size_bytes = plan.row_bytes});
  }
  if (rows_.empty()) return 0;
  const shim::Range range(profiler_, observe::k_device_unpack);
  const auto sent = reads_ == nullptr ? deferred.used() : std::span<const std::byte>();
  if (reads_ == nullptr) field.unpacker->send(sent, slots_.stream().handle());
  note(slot_index, {DeviceStage::copy, 0});
  field.unpacker->start(fields_, slots_.stream().handle());
  note(slot_index, {DeviceStage::unpack, static_cast<uint32_t>(rows_.size())});
  slots_.stream().synchronize();
  for (uint32_t i = 0; i < rows_.size(); ++i) {
    if (!field.unpacker->is_good(i)) make_here(core, batch, {rows_[i], field.field_index});
  }
  return sent.size();
}

void DeviceRows::make_here(Core& core, Slot& batch, const RowPlace& place) {
  RowFailure failure = try_here(core, batch, place);
  batch.deferred[place.field_index].made_by_host(place.row);
  if (failure.what == nullptr) return;
  failure.field_index = place.field_index;
  core.note_late_failure(batch, place.row, failure);
  has_failed_rows_ = true;
}

RowFailure DeviceRows::try_here(Core& core, const Slot& batch, const RowPlace& place) {
  const pipeline::FieldPlan& field = core.plan.fields[place.field_index];
  const DeferredField& deferred = batch.deferred[place.field_index];
  const auto row =
      batch.bytes.subspan(field.slot_offset_bytes + place.row * field.row_bytes, field.row_bytes);
  std::span<const std::byte> bytes;
  if (reads_ == nullptr) {
    bytes = deferred.bytes_of(place.row);
  } else if (const RowFailure failure = reads_->fetch(core, batch, place, fetched_);
             failure.what != nullptr) {
    return failure;
  } else {
    bytes = fetched_;
  }
  if (deferred.row(place.row).packed != codec::Kind::none) {
    const auto unpacked =
        unpacker_.run(deferred.row(place.row).packed, bytes, place.field_index, row);
    if (!unpacked) return {.what = unpacked.error()};
    bytes = *unpacked;
  }
  const auto made = field.op->run(bytes, {.draw = core.draw_key_of(batch, place)},
                                  *scratches_[place.field_index], row);
  if (made) return {};
  return {.what = made.error().what, .offset_bytes = made.error().offset_bytes};
}

// Runs of rows that the host has made: all of them, in one piece, where nothing is left to the
// device.
uint64_t DeviceRows::copy_rows(const Core& core, const Slot& batch, uint32_t slot_index) {
  if (batch.deferred.empty()) {
    slots_.send_part(slot_index, 0, batch.bytes);
    return batch.bytes.size();
  }
  uint64_t copied_bytes = 0;
  for (size_t index = 0; index < core.plan.fields.size(); ++index) {
    const pipeline::FieldPlan& field = core.plan.fields[index];
    const DeferredField& deferred = batch.deferred[index];
    uint32_t made_there = 0;
    for (uint32_t row = 0; row < batch.row_count; ++row) made_there += deferred.is_deferred(row);
    if (batch.row_count > 0)
      latest_shares_[index] = static_cast<double>(made_there) / batch.row_count;
    for (uint32_t row = 0; row < batch.row_count;) {
      uint32_t end = row;
      while (end < batch.row_count && !deferred.is_deferred(end)) ++end;
      const size_t offset = field.slot_offset_bytes + row * field.row_bytes;
      const size_t length = (end - row) * field.row_bytes;
      if (length > 0) slots_.send_part(slot_index, offset, batch.bytes.subspan(offset, length));
      copied_bytes += length;
      row = end + 1;
    }
  }
  return copied_bytes;
}

StageSums DeviceRows::note_done(const Core& core, uint32_t slot_index) {
  const std::vector<DevicePiece>& pieces = marks_->read(slot_index);
  if (tracer_) trace_pieces(slot_index, pieces);
  const StageSums sums = sums_of(pieces);
  shares_.note({.sums = sums, .given_s = given_s_[slot_index]}, core.stats);
  return sums;
}

void DeviceRows::trace_pieces(uint32_t slot_index, const std::vector<DevicePiece>& pieces) {
  uint64_t begin_ns = clock_->next_host_ns(marks_->began(slot_index));
  for (const DevicePiece& piece : pieces) {
    const uint64_t end_ns = begin_ns + static_cast<uint64_t>(piece.busy_s * 1e9);
    tracer_.note(name_of(piece.stage), begin_ns, end_ns, piece.row_count);
    begin_ns = end_ns;
  }
  clock_->passed_until(begin_ns);
}

double DeviceRows::share_of(size_t field_index) const {
  const Deferral::Field& field = deferral_.fields[field_index];
  const bool is_read_there = deferral_.reads_there && is_read_there_[field_index];
  if (field.room_bytes == 0 && !is_read_there) return -1;
  return latest_shares_[field_index].load(std::memory_order_relaxed);
}

}  // namespace headrace::loader

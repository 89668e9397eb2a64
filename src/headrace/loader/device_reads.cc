// A read may bring whole sectors around a row, so rows land beside each other first and are moved
// on the device, which costs next to nothing there.
#include "headrace/loader/device_reads.h"

#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/base/clock.h"
#include "headrace/base/sizes.h"
#include "headrace/kernels/unpacker.h"
#include "headrace/loader/wanted_bytes.h"
#include "headrace/ops/bytes.h"

namespace headrace::loader {
namespace {

// Sectors of 4096 at either end, and the row's own place within the first.
constexpr size_t k_sector_bytes = 4096;
constexpr uint32_t k_measured_rows = 64;
constexpr uint32_t k_depth = 64;
constexpr size_t k_packed_alignment_bytes = 64;

// What codecs make of bytes that do not shrink is hardly more; a longer frame is the host's.
size_t longest_row(const pipeline::FieldPlan& field) {
  return field.packed.empty() ? field.row_bytes : field.row_bytes + field.row_bytes / 64 + 1024;
}

size_t stride_for(const pipeline::FieldPlan& field) {
  return (longest_row(field) + k_sector_bytes - 1) / k_sector_bytes * k_sector_bytes +
         2 * k_sector_bytes;
}

size_t aligned(size_t size_bytes) {
  return (size_bytes + k_packed_alignment_bytes - 1) / k_packed_alignment_bytes *
         k_packed_alignment_bytes;
}

std::string rate_text(double bytes_per_second) {
  return format_size(static_cast<uint64_t>(bytes_per_second)) + "/s";
}

}  // namespace

bool may_read_there(const pipeline::FieldPlan& field) {
  const auto* bytes = dynamic_cast<const ops::Bytes*>(field.op.get());
  if (bytes == nullptr || bytes->pads() || !field.missing_row.empty()) return false;
  return field.packed.empty() || field.place != pipeline::Place::cpu;
}

std::string why_not_read_there(const pipeline::Plan& plan, const formats::Dataset& dataset,
                               const Options& options) {
  if (options.in_memory || dataset.in_pieces()) return "the data set is held or mapped in memory";
  if (options.verify_checksums) {
    return "checksums want the bytes in host memory: loader.verify_checksums = false leaves them "
           "out";
  }
  if (dataset.sample_count() == 0) return "the data set is empty";
  const formats::Location location = dataset.locate(0);
  bool any = false;
  for (const pipeline::FieldPlan& field : plan.fields) {
    const formats::FieldExtent* extent = extent_of(field, location);
    const bool is_inline = extent != nullptr && extent->length_bytes == formats::k_inline;
    if (!is_inline && !may_read_there(field)) {
      return fmt::format("field {} is made from bytes in host memory{}", field.name,
                         field.packed.empty() ? "" : ": decompress = \"gpu\" unpacks it there");
    }
    any = any || !is_inline;
  }
  return any ? "" : "no field is raw";
}

DeviceReads::DeviceReads(const device::Device& device, const Core& core, const DeviceOptions& on)
    : device_(device),
      on_(on),
      batch_size_(core.options.batch_size),
      placed_(device),
      files_({.files = core.options.files,
              .caching = core.options.caching,
              .path_of = [&core](uint64_t file) { return core.dataset.file(file).path; }}) {
  for (uint32_t index = 0; index < core.plan.fields.size(); ++index) {
    const pipeline::FieldPlan& field = core.plan.fields[index];
    if (!may_read_there(field)) continue;
    fields_.push_back(
        {.index = index, .stride_bytes = stride_for(field), .begin_bytes = room_bytes_});
    room_bytes_ += fields_.back().stride_bytes * batch_size_;
    if (fields_.back().stride_bytes > fields_[largest_].stride_bytes) largest_ = fields_.size() - 1;
  }
  room_.emplace(device, room_bytes_ + io::k_target_alignment);
  begin_ = (room_->address() + io::k_target_alignment - 1) / io::k_target_alignment *
           io::k_target_alignment;
  done_.resize(k_depth);
  if (core.options.trace == nullptr) return;
  tracer_ = core.options.trace->tracer(
      k_copier_row, {.group = "storage", .name = "reads", .counted = "bytes", .overlaps = true});
}

DeviceReads::~DeviceReads() = default;

void DeviceReads::unpack_from(uint32_t field_index, shim::CuAddress room, size_t room_bytes) {
  const auto field = std::ranges::find(fields_, field_index, &Field::index);
  HR_CHECK(field != fields_.end());
  field->unpacked_from = room;
  field->unpacked_from_bytes = room_bytes;
}

io::Read DeviceReads::read_of(size_t field, const formats::Location& location,
                              const formats::FieldExtent& extent, uint32_t row) {
  const Field& one = fields_[field];
  auto* target = reinterpret_cast<std::byte*>(begin_ + one.begin_bytes + row * one.stride_bytes);
  return {.file = files_.acquire(location.file_index),
          .offset_bytes = extent.offset_bytes,
          .length_bytes = extent.length_bytes,
          .target = {target, one.stride_bytes},
          .tag = field * batch_size_ + row};
}

void DeviceReads::read(Core& core, Slot& batch, const OnFailure& failed) {
  if (ring_ == nullptr) choose(core);
  placed_.wait();
  const uint64_t began_ns = steady_now_ns();
  for (const Field& field : fields_) leave_to_host(core, batch, field);
  for (uint64_t next = 0; next < fields_.size() * batch.row_count || ring_->in_flight() > 0;) {
    submit(core, batch, next);
    if (ring_->in_flight() == 0) break;
    const size_t count = ring_->wait(done_, 1, io::k_no_deadline);
    for (const io::Done& done : std::span(done_).first(count)) finish(core, batch, done, failed);
  }
  add_to(core.stats.feeder.in_flight_ns, steady_now_ns() - began_ns);
}

// What cannot be unpacked on the device, or finds no room to be unpacked from, is not read there.
void DeviceReads::leave_to_host(const Core& core, Slot& batch, const Field& field) const {
  const pipeline::FieldPlan& plan = core.plan.fields[field.index];
  DeferredField& deferred = batch.deferred[field.index];
  size_t used_bytes = 0;
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    if (!deferred.is_deferred(row)) continue;
    const DeferredRow& one = deferred.row(row);
    deferred.set_place(row, 0);
    if (one.packed == codec::Kind::none) continue;
    used_bytes += aligned(one.length_bytes);
    const bool can = !kernels::Unpacker::has_blocks(one.packed) &&
                     one.length_bytes <= longest_row(plan) &&
                     kernels::Unpacker::can_unpack(one.packed, plan.row_bytes) &&
                     used_bytes <= field.unpacked_from_bytes;
    if (!can) deferred.set_place(row, k_nowhere);
  }
}

void DeviceReads::submit(const Core& core, const Slot& batch, uint64_t& next) {
  for (; next < fields_.size() * batch.row_count && ring_->in_flight() < ring_->info().depth;
       ++next) {
    const size_t field = next / batch.row_count;
    const auto row = static_cast<uint32_t>(next % batch.row_count);
    const DeferredField& deferred = batch.deferred[fields_[field].index];
    if (!deferred.is_deferred(row) || deferred.row(row).offset_bytes == k_nowhere) continue;
    const formats::Location& location = batch.locations[row];
    const formats::FieldExtent& extent =
        *extent_of(core.plan.fields[fields_[field].index], location);
    const io::Read one = read_of(field, location, extent, row);
    HR_CHECK(ring_->submit(std::span(&one, 1)) == 1);
  }
}

void DeviceReads::finish(Core& core, Slot& batch, const io::Done& done, const OnFailure& failed) {
  const auto row = static_cast<uint32_t>(done.tag % batch_size_);
  const uint32_t field_index = fields_[done.tag / batch_size_].index;
  DeferredField& deferred = batch.deferred[field_index];
  const uint64_t length_bytes = deferred.row(row).length_bytes;
  FeederStats& stats = core.stats.feeder;
  files_.release(batch.locations[row].file_index);
  add_to(stats.read_count, 1);
  add_to(stats.wanted_bytes, length_bytes);
  stats.read_latency_ns.add(done.latency_ns);
  if (tracer_) {
    const uint64_t now_ns = steady_now_ns();
    tracer_.note("read", now_ns - done.latency_ns, now_ns, length_bytes);
  }
  if (done.result == static_cast<int64_t>(length_bytes)) {
    add_to(stats.arrived_bytes, length_bytes);
    deferred.set_place(row, reinterpret_cast<uintptr_t>(done.data) - begin_);
    return;
  }
  const auto* extent = extent_of(core.plan.fields[field_index], batch.locations[row]);
  failed({row, field_index}, {.what = done.result < 0 ? "cannot read the sample's bytes"
                                                      : "the file ends before the sample does",
                              .offset_bytes = extent->offset_bytes,
                              .error_number = done.result < 0 ? static_cast<int>(-done.result) : 0,
                              .reading = true});
}

void DeviceReads::place(const pipeline::Plan& plan, Slot& batch, shim::CuAddress slot,
                        device::Stream& stream) {
  for (const Field& field : fields_) {
    const pipeline::FieldPlan& of = plan.fields[field.index];
    DeferredField& deferred = batch.deferred[field.index];
    size_t gathered_bytes = 0;
    for (uint32_t row = 0; row < batch.row_count; ++row) {
      const DeferredRow& one = deferred.row(row);
      if (!deferred.is_deferred(row) || one.offset_bytes == k_nowhere) continue;
      shim::CuAddress target = slot + of.slot_offset_bytes + row * of.row_bytes;
      if (one.packed != codec::Kind::none) {
        target = field.unpacked_from + gathered_bytes;
        deferred.gather(row, gathered_bytes);
        gathered_bytes += aligned(one.length_bytes);
      }
      device_.check(device_.driver().copy_on_device(target, begin_ + one.offset_bytes,
                                                    one.length_bytes, stream.handle()),
                    "cannot move rows on");
    }
  }
  placed_.record(stream.handle());
}

RowFailure DeviceReads::fetch(const Core& core, const Slot& batch, const RowPlace& place,
                              std::vector<std::byte>& bytes) {
  const formats::Location& location = batch.locations[place.row];
  const auto* extent = extent_of(core.plan.fields[place.field_index], location);
  const io::File* file = files_.acquire(location.file_index);
  bytes.resize(extent->length_bytes);
  const auto got = core.options.files->read_at(file->fd_buffered(), bytes, extent->offset_bytes);
  files_.release(location.file_index);
  if (got && *got == bytes.size()) return {};
  return {.what = got ? "the file ends before the sample does" : "cannot read the sample's bytes",
          .offset_bytes = extent->offset_bytes,
          .error_number = got ? 0 : got.error(),
          .reading = true};
}

// Each way reads rows of its own, so that no page cache helps the second.
void DeviceReads::choose(Core& core) {
  std::vector<std::string> engines = {"bounce"};
  std::string facts = "cuFile would copy through the host itself (no nvidia-fs)";
  if (!on_.cufile_copies) {
    engines = {"cufile-batch", "cufile", "cufile-stream", "bounce"};
    facts.clear();
  }
  Way best;
  for (size_t index = 0; index < engines.size(); ++index) {
    Way way = try_way(core, engines[index], index * k_measured_rows);
    facts += fmt::format("{}{}: {}", facts.empty() ? "" : "; ", way.engine,
                         way.ring ? rate_text(way.bytes_per_second) : way.why_not);
    if (way.ring && (!best.ring || way.bytes_per_second > best.bytes_per_second)) {
      best = std::move(way);
    }
  }
  if (!best.ring) {
    throw Error({.code = Code::unsupported,
                 .action = "cannot read from storage to",
                 .object = device_.label(),
                 .cause = facts,
                 .hint = "device.read_to = \"host\""});
  }
  ring_ = std::move(best.ring);
  choice_ = fmt::format("{} to the device: {}", best.engine, facts);
  io::RingInfo info = ring_->info();
  info.why_not_better = choice_;
  core.note_ring(std::move(info));
}

DeviceReads::Way DeviceReads::try_way(const Core& core, const std::string& engine,
                                      uint64_t first_sample) {
  Way way{.engine = engine};
  auto ring = io::make_cufile_ring(
      {.engine = engine,
       .depth = k_depth,
       .arena = {reinterpret_cast<std::byte*>(begin_), room_bytes_}},
      {.library = on_.cufile, .driver = on_.device.library, .compatible = on_.cufile_copies});
  if (!ring) {
    way.why_not = ring.error();
    return way;
  }
  way.bytes_per_second = measured(core, **ring, first_sample);
  if (way.bytes_per_second > 0) {
    way.ring = std::move(*ring);
  } else {
    way.why_not = "its reads failed";
  }
  return way;
}

// 0 where a read fails.
double DeviceReads::measured(const Core& core, io::Ring& ring, uint64_t first_sample) {
  const uint64_t sample_count = core.dataset.sample_count();
  const uint32_t row_count = std::min({k_measured_rows, batch_size_, k_depth});
  const Field& field = fields_[largest_];
  const uint64_t began_ns = steady_now_ns();
  uint64_t got_bytes = 0;
  bool good = true;
  std::vector<uint32_t> file_indexes;
  for (uint32_t row = 0; row < row_count; ++row) {
    const formats::Location location = core.dataset.locate((first_sample + row) % sample_count);
    const auto* extent = extent_of(core.plan.fields[field.index], location);
    if (extent == nullptr || extent->length_bytes + 2 * k_sector_bytes > field.stride_bytes) {
      continue;
    }
    file_indexes.push_back(location.file_index);
    const io::Read one = read_of(largest_, location, *extent, row);
    good = ring.submit(std::span(&one, 1)) == 1 && good;
  }
  while (ring.in_flight() > 0) {
    for (const io::Done& done : std::span(done_).first(ring.wait(done_, 1, io::k_no_deadline))) {
      good = good && done.result > 0;
      got_bytes += done.result > 0 ? static_cast<uint64_t>(done.result) : 0;
    }
  }
  for (const uint32_t file_index : file_indexes) files_.release(file_index);
  const double passed_s = static_cast<double>(steady_now_ns() - began_ns) / 1e9;
  return good && got_bytes > 0 ? static_cast<double>(got_bytes) / passed_s : 0;
}

}  // namespace headrace::loader

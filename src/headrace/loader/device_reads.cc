// A read may bring whole sectors around a row, so rows land beside each other first and are moved
// on the device, which costs next to nothing there.
#include "headrace/loader/device_reads.h"

#include <algorithm>

#include "headrace/base/clock.h"
#include "headrace/base/sizes.h"
#include "headrace/loader/wanted_bytes.h"
#include "headrace/ops/bytes.h"

namespace headrace::loader {
namespace {

// Sectors of 4096 at either end, and the row's own place within the first.
constexpr size_t k_sector_bytes = 4096;
constexpr uint32_t k_measured_rows = 64;
constexpr uint32_t k_depth = 64;

const ops::Bytes* raw_of(const pipeline::FieldPlan& field) {
  const auto* bytes = dynamic_cast<const ops::Bytes*>(field.op.get());
  return bytes != nullptr && !bytes->pads() && field.packed.empty() ? bytes : nullptr;
}

uint32_t largest_raw(const pipeline::Plan& plan) {
  uint32_t largest = 0;
  size_t most_bytes = 0;
  for (uint32_t index = 0; index < plan.fields.size(); ++index) {
    const pipeline::FieldPlan& field = plan.fields[index];
    if (raw_of(field) == nullptr || field.row_bytes <= most_bytes) continue;
    largest = index;
    most_bytes = field.row_bytes;
  }
  return largest;
}

size_t stride_for(const pipeline::Plan& plan) {
  const size_t row_bytes = plan.fields[largest_raw(plan)].row_bytes;
  return (row_bytes + k_sector_bytes - 1) / k_sector_bytes * k_sector_bytes + 2 * k_sector_bytes;
}

std::string rate_text(double bytes_per_second) {
  return format_size(static_cast<uint64_t>(bytes_per_second)) + "/s";
}

}  // namespace

std::string why_not_read_there(const pipeline::Plan& plan, const formats::Dataset& dataset,
                               const Options& options) {
  if (options.in_memory || dataset.in_pieces()) return "the data set is held or mapped in memory";
  if (options.verify_checksums) {
    return "checksums want the bytes in host memory: loader.verify_checksums = false leaves them "
           "out";
  }
  if (dataset.sample_count() == 0) return "the data set is empty";
  const formats::Location location = dataset.locate(0);
  uint32_t raw_count = 0;
  for (const pipeline::FieldPlan& field : plan.fields) {
    if (raw_of(field) != nullptr) {
      ++raw_count;
      continue;
    }
    const formats::FieldExtent* extent = extent_of(field, location);
    if (extent != nullptr && extent->length_bytes == formats::k_inline) continue;
    return fmt::format("field {} is made from bytes in host memory", field.name);
  }
  if (raw_count == 1) return "";
  return raw_count == 0 ? "no field is raw" : "several fields are raw";
}

DeviceReads::DeviceReads(const device::Device& device, const Core& core, const DeviceOptions& on)
    : device_(device),
      on_(on),
      field_index_(largest_raw(core.plan)),
      stride_bytes_(stride_for(core.plan)),
      room_(device, stride_bytes_ * core.options.batch_size + io::k_target_alignment),
      begin_((room_.address() + io::k_target_alignment - 1) / io::k_target_alignment *
             io::k_target_alignment),
      placed_(device),
      files_({.files = core.options.files,
              .caching = core.options.caching,
              .path_of = [&core](uint64_t file) { return core.dataset.file(file).path; }}) {
  done_.resize(k_depth);
}

DeviceReads::~DeviceReads() = default;

io::Read DeviceReads::read_of(const formats::FieldExtent& extent, const io::File* file,
                              uint32_t row) const {
  auto* target = reinterpret_cast<std::byte*>(begin_ + row * stride_bytes_);
  return {.file = file,
          .offset_bytes = extent.offset_bytes,
          .length_bytes = extent.length_bytes,
          .target = {target, stride_bytes_},
          .tag = row};
}

void DeviceReads::read(Core& core, Slot& batch, uint32_t field_index,
                       const std::function<void(uint32_t, const RowFailure&)>& failed) {
  if (ring_ == nullptr) choose(core);
  placed_.wait();
  DeferredField& deferred = batch.deferred[field_index];
  const pipeline::FieldPlan& field = core.plan.fields[field_index];
  uint32_t next_row = 0;
  while (next_row < batch.row_count || ring_->in_flight() > 0) {
    while (next_row < batch.row_count && ring_->in_flight() < ring_->info().depth) {
      const uint32_t row = next_row++;
      if (!deferred.is_deferred(row)) continue;
      const formats::Location& location = batch.locations[row];
      const io::Read one =
          read_of(*extent_of(field, location), files_.acquire(location.file_index), row);
      HR_CHECK(ring_->submit(std::span(&one, 1)) == 1);
    }
    const size_t count = ring_->wait(done_, 1, io::k_no_deadline);
    for (const io::Done& done : std::span(done_).first(count)) {
      const auto row = static_cast<uint32_t>(done.tag);
      files_.release(batch.locations[row].file_index);
      if (done.result == static_cast<int64_t>(field.row_bytes)) {
        deferred.set_place(row, reinterpret_cast<uintptr_t>(done.data) - begin_);
        continue;
      }
      failed(row, {.what = done.result < 0 ? "cannot read the sample's bytes"
                                           : "the file ends before the sample does",
                   .offset_bytes = extent_of(field, batch.locations[row])->offset_bytes,
                   .error_number = done.result < 0 ? static_cast<int>(-done.result) : 0,
                   .reading = true});
    }
  }
}

void DeviceReads::place(const Slot& batch, uint32_t field_index, shim::CuAddress rows,
                        device::Stream& stream) {
  const DeferredField& deferred = batch.deferred[field_index];
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    if (!deferred.is_deferred(row)) continue;
    const DeferredRow& one = deferred.row(row);
    device_.check(
        device_.driver().copy_on_device(rows + row * one.length_bytes, begin_ + one.offset_bytes,
                                        one.length_bytes, stream.handle()),
        "cannot move rows on");
  }
  placed_.record(stream.handle());
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
       .arena = {reinterpret_cast<std::byte*>(begin_), stride_bytes_ * core.options.batch_size}},
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
  const uint32_t row_count = std::min({k_measured_rows, core.options.batch_size, k_depth});
  const uint64_t began_ns = steady_now_ns();
  uint64_t got_bytes = 0;
  bool good = true;
  std::vector<uint32_t> file_indexes;
  for (uint32_t row = 0; row < row_count; ++row) {
    const formats::Location location = core.dataset.locate((first_sample + row) % sample_count);
    const auto* extent = extent_of(core.plan.fields[field_index_], location);
    if (extent == nullptr || extent->length_bytes + 2 * k_sector_bytes > stride_bytes_) continue;
    file_indexes.push_back(location.file_index);
    const io::Read one = read_of(*extent, files_.acquire(location.file_index), row);
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

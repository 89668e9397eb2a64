// The copying thread, and the consumer's side.
#include "headrace/loader/device_loader.h"

#include <algorithm>
#include <utility>

#include "headrace/base/clock.h"
#include "headrace/loader/core.h"
#include "headrace/loader/device_core.h"
#include "headrace/loader/device_rows.h"
#include "headrace/storage/numa.h"

namespace headrace::loader {
namespace {

// The copying thread holds the batch whose copy is under way and the one behind it.
Options for_copies(Options options, const DeviceRows& rows) {
  options.lease_count = std::max(options.lease_count, 2u);
  options.deferral = rows.deferral();
  return options;
}

// A batch whose copy may be under way: its memory stays until no copy can be.
struct Sent {
  device::DeviceSlots& slots;
  std::optional<Batch> batch = {};
  uint32_t slot_index = 0;
  ~Sent() {
    if (batch) slots.finish();
  }
};

// A slot that goes back unless it was queued.
struct Taken {
  device::DeviceSlots& slots;
  uint32_t slot_index;
  bool queued = false;
  ~Taken() {
    if (!queued) slots.give_back_unread(slot_index);
  }
};

}  // namespace

void DeviceLoader::LetGo::operator()(DeviceCore* core) const { core->let_go(); }

DeviceLoader::DeviceLoader(const pipeline::Plan& plan, const formats::Dataset& dataset,
                           const Options& options, const DeviceOptions& device)
    : core_(new DeviceCore(plan, options, device)),
      rows_(new DeviceRows(core_->device, core_->slots,
                           {.plan = plan, .dataset = dataset, .loader = options, .on = device})),
      loader_(plan, dataset, for_copies(options, *rows_)),
      state_(loader_.state()) {
  if (const auto node = core_->device.numa_node()) {
    storage::prefer_node(loader_.batch_memory(), *node);  // before pinning gives it its pages
  }
  pinned_.emplace(core_->device, loader_.batch_memory());
  if (!loader_.deferred_memory().empty()) {
    pinned_deferred_.emplace(core_->device, loader_.deferred_memory());
  }
  core_->device.leave();
  copier_ = std::jthread([this] { run(); });
}

DeviceLoader::~DeviceLoader() {
  close();
  const device::Visit visit(core_->device);
  pinned_deferred_.reset();
  pinned_.reset();
  rows_.reset();
}

void DeviceLoader::close() {
  core_->close();
  loader_.close();
  if (copier_.joinable()) copier_.join();
  for (uint32_t slot = 0; slot < core_->slots.count(); ++slot) core_->trace_life(slot);
}

void DeviceLoader::run() {
  try {
    core_->device.use_beside_captures();
    core_->profiler.name_this_thread("headrace copier");
    copy_all();
    core_->end();
  } catch (const Error& error) {
    core_->fail(error);
  } catch (const std::exception& exception) {
    core_->fail(Error({.action = "cannot go on copying", .cause = exception.what()}));
  }
  rows_->stop_reading();
}

void DeviceLoader::copy_all() {
  DeviceCore& core = *core_;
  Sent before{.slots = core.slots};
  const auto wait_for_copy = [&] {
    const uint64_t began_ns = steady_now_ns();
    core.slots.wait_for_copy(before.slot_index);
    const uint64_t end_ns = steady_now_ns();
    core.copy_wait_ns.fetch_add(end_ns - began_ns, std::memory_order_relaxed);
    core.copier_tracer.note("wait for the copy", began_ns, end_ns, 1);
    core.stalls.note_work(before.batch->sequence(),
                          rows_->note_done(*loader_.core_, before.slot_index));
  };
  while (const auto slot_index = core.take_slot()) {
    Taken taken{.slots = core.slots, .slot_index = *slot_index};
    Sent sent{.slots = core.slots, .batch = loader_.next(), .slot_index = *slot_index};
    if (!sent.batch) break;
    Slot& made = loader_.core_->slots.of(sent.batch->bytes());
    uint64_t copied_bytes = 0;
    {
      core.arrivals[*slot_index].life.taken_ns = core.traced_ns();
      observe::Scope scope(core.profiler, core.copier_tracer, "copy");
      copied_bytes = rows_->send(*loader_.core_, made, *slot_index);
      scope.count(made.row_count);
      core.arrivals[*slot_index].life.ready_ns = core.traced_ns();
    }
    note_arrival(*sent.batch, made.row_count, core.arrivals[*slot_index]);
    core.queue(*slot_index);
    taken.queued = true;
    core.copied_bytes.fetch_add(copied_bytes, std::memory_order_relaxed);
    if (before.batch) wait_for_copy();
    before.batch = std::exchange(sent.batch, std::nullopt);
    before.slot_index = sent.slot_index;
  }
  if (before.batch) wait_for_copy();
}

// Of the batch's rows, those are left that the device could make.
void DeviceLoader::note_arrival(const Batch& batch, uint32_t row_count, Arrival& arrival) const {
  arrival.sequence = batch.sequence();
  arrival.epoch = batch.epoch();
  const auto ids = batch.ids().first(row_count);
  const std::span<const uint64_t> leading = batch.leading();
  arrival.row_count = row_count;
  arrival.ids.assign(ids.begin(), ids.end());
  arrival.leading.assign(leading.begin(), leading.end());
  if (row_count != batch.row_count()) std::ranges::fill(arrival.leading, row_count);
  arrival.epoch_after = loader_.state().epoch;
  arrival.position_after = loader_.state().position;
}

std::expected<Batch, NoBatch> DeviceLoader::next_until(uint64_t deadline_ns) {
  DeviceCore& core = *core_;
  const device::Visit visit(core.device);
  if (waiting_since_ns_ == 0) {
    waiting_since_ns_ = steady_now_ns();
    if (reader_) core.stalls.ask(*reader_);
  }
  const auto slot_index = [&] {
    const observe::Scope scope(core.profiler, core.consumer_tracer, "wait");
    return core.wait_for_slot(deadline_ns);
  }();
  if (!slot_index) return std::unexpected(slot_index.error());
  Batch batch = core.lend(*slot_index);
  if (reader_) {
    batch.read_on(*reader_);
    core.stalls.got(*reader_, batch.sequence());
  }
  const Arrival& arrival = core.arrivals[*slot_index];
  state_.epoch = arrival.epoch_after;
  state_.position = arrival.position_after;
  core.consumer.note_batch(batch.row_count(),
                           steady_now_ns() - std::exchange(waiting_since_ns_, 0));
  return batch;
}

DeviceStats DeviceLoader::device_stats() const {
  DeviceStats stats{.copied_bytes = core_->copied_bytes.load(),
                    .batch_wait_ns = loader_.stats().consumer.wait_ns.load(),
                    .copy_wait_ns = core_->copy_wait_ns.load(),
                    .slot_wait_ns = core_->slot_wait_ns.load()};
  const device::Visit visit(core_->device);
  core_->stalls.collect();
  core_->stalls.add_to(stats);
  return stats;
}

double DeviceLoader::device_share(size_t field_index) const { return rows_->share_of(field_index); }
const std::string& DeviceLoader::why_not_on_device() const { return rows_->why_not(); }
const ConsumerStats& DeviceLoader::consumer() const { return core_->consumer; }
const device::Device* DeviceLoader::device() const { return &core_->device; }

}  // namespace headrace::loader

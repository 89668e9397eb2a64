// The copying thread, and the consumer's side.
#include "headrace/loader/device_loader.h"

#include <algorithm>
#include <utility>

#include "headrace/base/clock.h"
#include "headrace/loader/device_core.h"

namespace headrace::loader {
namespace {

// The copying thread holds the batch whose copy is under way and the one behind it.
Options with_two_held(Options options) {
  options.lease_count = std::max(options.lease_count, 2u);
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

DeviceBatch::DeviceBatch(DeviceBatch&& other) noexcept
    : core_(std::exchange(other.core_, nullptr)),
      slot_index_(other.slot_index_),
      reader_(other.reader_) {}

DeviceBatch& DeviceBatch::operator=(DeviceBatch&& other) noexcept {
  std::swap(core_, other.core_);
  std::swap(slot_index_, other.slot_index_);
  std::swap(reader_, other.reader_);
  return *this;
}

DeviceBatch::~DeviceBatch() {
  if (core_ != nullptr) core_->end_lease(slot_index_, reader_);
}

uint64_t DeviceBatch::sequence() const { return core_->arrivals[slot_index_].sequence; }
uint64_t DeviceBatch::epoch() const { return core_->arrivals[slot_index_].epoch; }
uint32_t DeviceBatch::row_count() const { return core_->arrivals[slot_index_].row_count; }
std::span<const uint64_t> DeviceBatch::ids() const { return core_->arrivals[slot_index_].ids; }
size_t DeviceBatch::tensor_count() const { return core_->plan.fields.size(); }

DeviceTensor DeviceBatch::tensor(size_t index) const {
  const pipeline::FieldPlan& field = core_->plan.fields.at(index);
  return {.name = field.name,
          .type = field.spec.type,
          .shape = field.tensor_shape(core_->arrivals[slot_index_].leading[index]),
          .address = core_->slots.address(slot_index_) + field.slot_offset_bytes};
}

void DeviceLoader::LetGo::operator()(DeviceCore* core) const { core->let_go(); }

DeviceLoader::DeviceLoader(const pipeline::Plan& plan, const formats::Dataset& dataset,
                           const Options& options, const DeviceOptions& device)
    : core_(new DeviceCore(plan, options.batch_size, device)),
      loader_(plan, dataset, with_two_held(options)),
      pinned_(core_->device, loader_.batch_memory()),
      state_(loader_.state()),
      copier_([this] { run(); }) {}

DeviceLoader::~DeviceLoader() { close(); }

void DeviceLoader::close() {
  core_->close();
  loader_.close();
  if (copier_.joinable()) copier_.join();
}

void DeviceLoader::run() {
  try {
    core_->device.use();
    copy_all();
    core_->end();
  } catch (const Error& error) {
    core_->fail(error);
  } catch (const std::exception& exception) {
    core_->fail(Error({.action = "cannot go on copying", .cause = exception.what()}));
  }
}

void DeviceLoader::copy_all() {
  DeviceCore& core = *core_;
  Sent before{.slots = core.slots};
  const auto wait_for_copy = [&] {
    const uint64_t began_ns = steady_now_ns();
    core.slots.wait_for_copy(before.slot_index);
    core.copy_wait_ns.fetch_add(steady_now_ns() - began_ns, std::memory_order_relaxed);
  };
  while (const auto slot_index = core.take_slot()) {
    Taken taken{.slots = core.slots, .slot_index = *slot_index};
    Sent sent{.slots = core.slots, .batch = loader_.next(), .slot_index = *slot_index};
    if (!sent.batch) break;
    note_arrival(*sent.batch, core.arrivals[*slot_index]);
    core.slots.send(*slot_index, sent.batch->bytes());
    core.queue(*slot_index);
    taken.queued = true;
    core.copied_bytes.fetch_add(sent.batch->bytes().size(), std::memory_order_relaxed);
    if (before.batch) wait_for_copy();
    before.batch = std::exchange(sent.batch, std::nullopt);
    before.slot_index = sent.slot_index;
  }
  if (before.batch) wait_for_copy();
}

void DeviceLoader::note_arrival(const Batch& batch, Arrival& arrival) const {
  arrival.sequence = batch.sequence();
  arrival.epoch = batch.epoch();
  arrival.row_count = batch.row_count();
  arrival.ids.assign(batch.ids().begin(), batch.ids().end());
  for (size_t index = 0; index < arrival.leading.size(); ++index) {
    arrival.leading[index] = batch.tensor(index).shape[0];
  }
  arrival.epoch_after = loader_.state().epoch;
  arrival.position_after = loader_.state().position;
}

std::optional<DeviceBatch> DeviceLoader::next(shim::CuStream reader) {
  const auto slot_index = core_->wait_for_slot();
  if (!slot_index) return std::nullopt;
  core_->share();
  DeviceBatch batch(core_.get(), *slot_index);
  core_->slots.hold_up(reader, *slot_index);
  batch.reader_ = reader;
  const Arrival& arrival = core_->arrivals[*slot_index];
  state_.epoch = arrival.epoch_after;
  state_.position = arrival.position_after;
  core_->batch_count.fetch_add(1, std::memory_order_relaxed);
  return batch;
}

DeviceStats DeviceLoader::stats() const {
  return {.batch_count = core_->batch_count.load(),
          .copied_bytes = core_->copied_bytes.load(),
          .consumer_wait_ns = core_->consumer_wait_ns.load(),
          .batch_wait_ns = loader_.stats().consumer.wait_ns.load(),
          .copy_wait_ns = core_->copy_wait_ns.load(),
          .slot_wait_ns = core_->slot_wait_ns.load()};
}

const device::Device& DeviceLoader::device() const { return core_->device; }

}  // namespace headrace::loader

// Slots' ways between the copying thread and the consumer.
#include "headrace/loader/device_core.h"

#include <algorithm>
#include <chrono>

#include "headrace/base/clock.h"
#include "headrace/loader/core.h"
#include "headrace/loader/signal.h"

namespace headrace::loader {
namespace {

// A reader may be so many batches behind the copies: those on the device, the one under way, and
// what the copying thread has not looked at.
constexpr uint32_t k_marks_beside_slots = 4;

observe::Tracer row_of(observe::Trace* trace, const char* thread) {
  return trace == nullptr ? observe::Tracer() : trace->of_thread(thread);
}

std::chrono::steady_clock::time_point time_point_of(uint64_t at_ns) {
  return std::chrono::steady_clock::time_point(
      std::chrono::nanoseconds(static_cast<int64_t>(at_ns)));
}

}  // namespace

DeviceCore::DeviceCore(const pipeline::Plan& plan_, const Options& loader,
                       const DeviceOptions& options)
    : plan(plan_),
      device(options.device),
      slots(device, {.slot_count = options.slot_count, .slot_bytes = plan.slot_bytes}),
      arrivals(options.slot_count),
      stalls(device, options.slot_count + k_marks_beside_slots),
      trace(loader.trace),
      copier_tracer(row_of(trace, k_copier_row)),
      consumer_tracer(row_of(trace, k_consumer_row)) {
  for (Arrival& arrival : arrivals) {
    arrival.ids.reserve(loader.batch_size);
    arrival.leading.reserve(plan.fields.size());
  }
  queued_.reserve(options.slot_count);
  if (trace == nullptr) return;
  stalls.trace_idle(*trace, slots.stream(), device);
  for (uint32_t slot = 0; slot < options.slot_count; ++slot) {
    slot_tracers.push_back(trace->tracer(
        k_copier_row, {.group = device.label(),
                       .name = fmt::format("batch {} of {}", slot + 1, options.slot_count),
                       .counted = "batch"}));
  }
}

void DeviceCore::trace_life(uint32_t slot_index) {
  if (slot_tracers.empty()) return;
  Arrival& arrival = arrivals[slot_index];
  arrival.life.trace(slot_tracers[slot_index], arrival.sequence);
}

std::optional<uint32_t> DeviceCore::take_slot() {
  const uint64_t began_ns = steady_now_ns();
  std::unique_lock lock(mutex_);
  std::optional<uint32_t> slot;
  changed_.wait(lock, [&] { return closing_ || (slot = slots.take()); });
  const uint64_t end_ns = steady_now_ns();
  slot_wait_ns.fetch_add(end_ns - began_ns, std::memory_order_relaxed);
  copier_tracer.note("wait for the reader", began_ns, end_ns);
  if (slot) trace_life(*slot);
  return slot;
}

void DeviceCore::queue(uint32_t slot_index) {
  const std::scoped_lock lock(mutex_);
  queued_.push_back(slot_index);
  changed_.notify_all();
}

void DeviceCore::end() {
  const std::scoped_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void DeviceCore::fail(Error error) {
  const std::scoped_lock lock(mutex_);
  if (!failure_) failure_ = std::move(error);
  changed_.notify_all();
}

std::expected<uint32_t, NoBatch> DeviceCore::wait_for_slot(uint64_t deadline_ns) {
  std::unique_lock lock(mutex_);
  const auto all_are_held = [&] { return leased_count_ == slots.count(); };
  const auto has_news = [&] {
    return closing_ || !queued_.empty() || ended_ || failure_ || all_are_held();
  };
  if (deadline_ns == k_for_ever) {
    changed_.wait(lock, has_news);
  } else if (!changed_.wait_until(lock, time_point_of(deadline_ns), has_news)) {
    return std::unexpected(NoBatch::not_yet);
  }
  if (closing_) return std::unexpected(NoBatch::end);
  if (!queued_.empty()) {
    const uint32_t slot_index = queued_.front();
    queued_.erase(queued_.begin());
    ++leased_count_;
    return slot_index;
  }
  if (failure_) throw *failure_;
  if (ended_) return std::unexpected(NoBatch::end);
  throw all_held();
}

Batch DeviceCore::lend(uint32_t slot_index) {
  Arrival& arrival = arrivals[slot_index];
  arrival.reader_count = 0;
  arrival.has_unseen_reader = false;
  arrival.life.lent_ns = traced_ns();
  share();
  return {*this,
          {.slot_index = slot_index,
           .sequence = arrival.sequence,
           .epoch = arrival.epoch,
           .ids = arrival.ids,
           .leading = arrival.leading,
           .bytes = {reinterpret_cast<std::byte*>(slots.address(slot_index)), plan.slot_bytes},
           .plan = &plan}};
}

void DeviceCore::end_lease(uint32_t slot_index) noexcept {
  {
    const device::Visit visit(device);
    Arrival& arrival = arrivals[slot_index];
    arrival.life.returned_ns = traced_ns();
    if (arrival.has_unseen_reader) device.driver().context_synchronize();
    slots.give_back(slot_index, arrival.known_readers());
  }
  {
    const std::scoped_lock lock(mutex_);
    --leased_count_;
    changed_.notify_all();
  }
  let_go();
}

void DeviceCore::read_on(uint32_t slot_index, shim::CuStream reader) {
  const device::Visit visit(device);
  const std::scoped_lock lock(mutex_);
  Arrival& arrival = arrivals[slot_index];
  const auto readers = arrival.known_readers();
  if (std::ranges::find(readers, reader) != readers.end()) return;
  if (arrival.reader_count == arrival.readers.size()) throw too_many_readers();
  slots.hold_up(reader, slot_index);
  arrival.readers[arrival.reader_count++] = reader;
}

void DeviceCore::read_unseen(uint32_t slot_index) {
  const device::Visit visit(device);
  slots.wait_for_copy(slot_index);
  arrivals[slot_index].has_unseen_reader = true;
}

void DeviceCore::copy_out(uint32_t slot_index, std::span<const std::byte> from,
                          std::span<std::byte> to) const {
  const device::Visit visit(device);
  device::Stream stream(device);
  slots.hold_up(stream.handle(), slot_index);
  device.check(device.driver().copy_to_host(to.data(), reinterpret_cast<uintptr_t>(from.data()),
                                            to.size(), stream.handle()),
               "cannot read from");
  stream.synchronize();
}

void DeviceCore::close() {
  const std::scoped_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
}

void DeviceCore::let_go() {
  if (owner_count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  // Whichever thread this is. Somebody else's context keeps the driver's library open.
  const auto use_context = device.driver().context_use;
  shim::CuContext before = nullptr;
  device.driver().context_get(&before);
  const bool is_others = before != nullptr && before != device.context();
  use_context(device.context());
  delete this;
  if (is_others) use_context(before);
}

Error DeviceCore::too_many_readers() const {
  return Error(
      {.code = Code::unsupported,
       .action = "cannot order another reader on",
       .object = device.label(),
       .cause = fmt::format("a batch is read on {} streams already", arrivals[0].readers.size()),
       .hint = "make one of them wait for the new one, and read there"});
}

Error DeviceCore::all_held() const {
  return Error({.code = Code::no_space,
                .action = "cannot copy another batch to",
                .object = device.label(),
                .cause = fmt::format("the trainer holds all {} batches that there is memory for",
                                     slots.count()),
                .hint = "let go of batches (a tensor, a view or a list keeps its whole batch), or "
                        "copy what must stay"});
}

}  // namespace headrace::loader

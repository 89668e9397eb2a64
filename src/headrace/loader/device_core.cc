// Slots' ways between the copying thread and the consumer.
#include "headrace/loader/device_core.h"

#include "headrace/base/clock.h"

namespace headrace::loader {

DeviceCore::DeviceCore(const pipeline::Plan& plan_, uint32_t batch_size,
                       const DeviceOptions& options)
    : plan(plan_),
      device(options.device),
      slots(device, {.slot_count = options.slot_count, .slot_bytes = plan.slot_bytes}),
      arrivals(options.slot_count) {
  for (Arrival& arrival : arrivals) {
    arrival.ids.reserve(batch_size);
    arrival.leading.resize(plan.fields.size());
  }
  queued_.reserve(options.slot_count);
}

std::optional<uint32_t> DeviceCore::take_slot() {
  const uint64_t began_ns = steady_now_ns();
  std::unique_lock lock(mutex_);
  std::optional<uint32_t> slot;
  changed_.wait(lock, [&] { return closing_ || (slot = slots.take()); });
  slot_wait_ns.fetch_add(steady_now_ns() - began_ns, std::memory_order_relaxed);
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

std::optional<uint32_t> DeviceCore::wait_for_slot() {
  const uint64_t began_ns = steady_now_ns();
  std::unique_lock lock(mutex_);
  const auto all_are_held = [&] { return leased_count_ == slots.count(); };
  changed_.wait(
      lock, [&] { return closing_ || !queued_.empty() || ended_ || failure_ || all_are_held(); });
  consumer_wait_ns.fetch_add(steady_now_ns() - began_ns, std::memory_order_relaxed);
  if (closing_) return std::nullopt;
  if (!queued_.empty()) {
    const uint32_t slot_index = queued_.front();
    queued_.erase(queued_.begin());
    ++leased_count_;
    return slot_index;
  }
  if (failure_) throw *failure_;
  if (ended_) return std::nullopt;
  throw all_held();
}

void DeviceCore::end_lease(uint32_t slot_index, std::optional<shim::CuStream> reader) noexcept {
  reader ? slots.give_back(slot_index, *reader) : slots.give_back_unread(slot_index);
  {
    const std::scoped_lock lock(mutex_);
    --leased_count_;
    changed_.notify_all();
  }
  let_go();
}

void DeviceCore::close() {
  const std::scoped_lock lock(mutex_);
  closing_ = true;
  changed_.notify_all();
}

void DeviceCore::let_go() {
  if (owner_count_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  device.driver().context_use(device.context());  // whichever thread this is
  delete this;
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

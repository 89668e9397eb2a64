// A step on a stream is a host function in its order: it takes no part of the device away from
// copies.
#include "headrace/feed/accelerator.h"

namespace headrace::feed {

Accelerator::Accelerator(loader::Batches& batches, Clock& clock, uint64_t step_ns,
                         observe::Trace* trace)
    : clock_(clock), step_ns_(step_ns), device_(batches.device()) {
  if (trace != nullptr) {
    const std::string group = device_ == nullptr ? "accelerator" : device_->label();
    tracer_ = trace->tracer("emulated steps", {.group = group, .name = "emulated steps"});
  }
  if (device_ == nullptr) return;
  device_->use();
  stream_ = std::make_unique<device::Stream>(*device_);
  batches.read_next_on(stream_->handle());
}

void Accelerator::step() {
  if (step_ns_ == 0) return;
  if (!stream_) return compute();
  const auto compute_there = [](void* self) { static_cast<Accelerator*>(self)->compute(); };
  device_->check(device_->driver().launch_host(stream_->handle(), compute_there, this),
                 "cannot start a step on");
}

void Accelerator::finish() {
  if (stream_) stream_->synchronize();
}

void Accelerator::compute() {
  const uint64_t begin_ns = steady_now_ns();
  clock_.sleep_until_ns(clock_.now_ns() + step_ns_);
  const uint64_t end_ns = steady_now_ns();
  busy_ns_.fetch_add(end_ns - begin_ns, std::memory_order_relaxed);
  tracer_.note("step", begin_ns, end_ns);
}

}  // namespace headrace::feed

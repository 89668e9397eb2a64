// The device's work ends when its reader can go on, or before: so what both share is the shorter of
// the two.
#include "headrace/loader/stall_meter.h"

#include <algorithm>

#include "headrace/loader/core.h"

namespace headrace::loader {
namespace {

// Below this a stream went on at once: two events and what an idle device takes to go on.
constexpr uint64_t k_in_time_ns = 100'000;

}  // namespace

StallMeter::StallMeter(const device::Device& device, uint32_t mark_count)
    : driver_(device.driver()), works_(mark_count) {
  using device::Event;
  marks_.reserve(mark_count);
  for (uint32_t index = 0; index < mark_count; ++index) {
    marks_.push_back(
        {.asked = Event(device, Event::Kind::timed), .got = Event(device, Event::Kind::timed)});
  }
}

void StallMeter::ask(shim::CuStream reader) noexcept {
  collect();
  asked_ = !is_full() && marks_[begun_count_ % marks_.size()].asked.try_record(reader) == 0;
}

void StallMeter::got(shim::CuStream reader, uint64_t sequence) noexcept {
  if (!asked_) return;
  asked_ = false;
  Marks& marks = marks_[begun_count_ % marks_.size()];
  if (marks.got.try_record(reader) != 0) return;
  marks.sequence = sequence;
  ++begun_count_;
}

void StallMeter::note_work(uint64_t sequence, const StageSums& sums) noexcept {
  copy_count_.fetch_add(1, std::memory_order_relaxed);
  totals_.add(sums);
  const std::scoped_lock lock(mutex_);
  works_[sequence % works_.size()] = {.sequence = sequence, .busy_ns = busy_ns_of(sums)};
}

void StallMeter::collect() noexcept {
  while (read_count_ < begun_count_ && read(marks_[read_count_ % marks_.size()])) ++read_count_;
}

bool StallMeter::read(const Marks& marks) noexcept {
  if (driver_.event_query(marks.got.handle()) != 0) return false;
  const Work work = work_of(marks.sequence);
  // The copying thread looks at its times a batch later; it is waited for while there is room.
  if (work.sequence != marks.sequence && !is_full()) return false;
  float milliseconds = 0;
  if (driver_.event_elapsed(&milliseconds, marks.asked.handle(), marks.got.handle()) != 0) {
    return true;
  }
  const auto idle_ns =
      static_cast<uint64_t>(std::max(0.0, static_cast<double>(milliseconds) * 1e6));
  if (tracer_) {
    const uint64_t asked_ns = clock_->next_host_ns(marks.asked);
    tracer_.note("idle for data", asked_ns, clock_->next_host_ns(marks.got), marks.sequence);
  }
  const uint64_t work_ns = work.sequence == marks.sequence ? work.busy_ns : 0;
  measured_count_.fetch_add(1, std::memory_order_relaxed);
  idle_ns_.fetch_add(idle_ns, std::memory_order_relaxed);
  exposed_ns_.fetch_add(std::min(idle_ns, work_ns), std::memory_order_relaxed);
  if (idle_ns < k_in_time_ns) in_time_count_.fetch_add(1, std::memory_order_relaxed);
  return true;
}

StallMeter::Work StallMeter::work_of(uint64_t sequence) const noexcept {
  const std::scoped_lock lock(mutex_);
  return works_[sequence % works_.size()];
}

void StallMeter::trace_idle(observe::Trace& trace, device::Stream& stream,
                            const device::Device& device) {
  clock_.emplace(device, stream);
  tracer_ = trace.tracer(k_consumer_row,
                         {.group = device.label(), .name = "reader's stream", .counted = "batch"});
}

void StallMeter::add_to(DeviceStats& stats) const {
  stats.copy_count = copy_count_.load();
  stats.stages = totals_.read();
  stats.measured_count = measured_count_.load();
  stats.in_time_count = in_time_count_.load();
  stats.idle_ns = idle_ns_.load();
  stats.exposed_ns = exposed_ns_.load();
}

}  // namespace headrace::loader

// How long a reader's stream stood still for each batch, and how much of that its copy and what
// else the device did for it was: by
// events in the stream, looked at when they have passed, so that nobody waits for a measurement.
// Thread safety: one consumer thread; note_work() one other; the counts any. Invariants: 1. a
// batch's two marks are used again only once they were read. 2. What cannot be marked is not
// measured, and nothing else changes.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "headrace/device/stream.h"
#include "headrace/loader/stats.h"
#include "headrace/observe/trace.h"

namespace headrace::loader {

class StallMeter {
 public:
  StallMeter(const device::Device& device, uint32_t mark_count);  // throws Error

  // The reader's thread wants the next batch; its stream may still have work.
  void ask(shim::CuStream reader) noexcept;
  // Behind what the stream waits for: the batch is there when it comes here.
  void got(shim::CuStream reader, uint64_t sequence) noexcept;
  // The copying thread: what the device did for a batch.
  void note_work(uint64_t sequence, const StageSums& sums) noexcept;
  void collect() noexcept;  // what has passed since
  void add_to(DeviceStats& stats) const;
  // What is measured from now on is a row of the trace, too. Throws Error.
  void trace_idle(observe::Trace& trace, device::Stream& stream, const device::Device& device);

 private:
  struct Marks {
    device::Event asked, got;
    uint64_t sequence = 0;
  };
  struct Work {
    uint64_t sequence = ~uint64_t{0};
    uint64_t busy_ns = 0;
  };
  bool is_full() const { return begun_count_ - read_count_ == marks_.size(); }
  bool read(const Marks& marks) noexcept;  // false: not yet
  Work work_of(uint64_t sequence) const noexcept;

  const shim::CudaDriver& driver_;
  std::vector<Marks> marks_;  // a ring
  uint64_t begun_count_ = 0;
  uint64_t read_count_ = 0;
  bool asked_ = false;
  std::optional<DeviceClock> clock_;  // with a trace
  observe::Tracer tracer_;
  mutable std::mutex mutex_;  // guards works_; held for a few words, twice a batch
  std::vector<Work> works_;   // the latest, by sequence
  StageTotals totals_;
  std::atomic<uint64_t> copy_count_{0}, measured_count_{0}, in_time_count_{0}, idle_ns_{0},
      exposed_ns_{0};
};

}  // namespace headrace::loader

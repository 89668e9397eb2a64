// How long a reader's stream stood still for each batch, and how much of that its copy was: by
// events in the stream, looked at when they have passed, so that nobody waits for a measurement.
// Thread safety: one consumer thread; note_copy() one other; the counts any. Invariants: 1. a
// batch's two marks are used again only once they were read. 2. What cannot be marked is not
// measured, and nothing else changes.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "headrace/device/stream.h"
#include "headrace/loader/stats.h"

namespace headrace::loader {

class StallMeter {
 public:
  StallMeter(const device::Device& device, uint32_t mark_count);  // throws Error

  // The reader's thread wants the next batch; its stream may still have work.
  void ask(shim::CuStream reader) noexcept;
  // Behind what the stream waits for: the batch is there when it comes here.
  void got(shim::CuStream reader, uint64_t sequence) noexcept;
  // The copying thread: what a batch's copy took.
  void note_copy(uint64_t sequence, uint64_t copy_ns) noexcept;
  void collect() noexcept;  // what has passed since
  void add_to(DeviceStats& stats) const;

 private:
  struct Marks {
    device::Event asked, got;
    uint64_t sequence = 0;
  };
  struct Copy {
    uint64_t sequence = ~uint64_t{0};
    uint64_t copy_ns = 0;
  };
  bool is_full() const { return begun_count_ - read_count_ == marks_.size(); }
  bool read(const Marks& marks) noexcept;  // false: not yet
  Copy copy_of(uint64_t sequence) const noexcept;

  const shim::CudaDriver& driver_;
  std::vector<Marks> marks_;  // a ring
  uint64_t begun_count_ = 0;
  uint64_t read_count_ = 0;
  bool asked_ = false;
  mutable std::mutex mutex_;  // guards copies_; held for a few words, twice a batch
  std::vector<Copy> copies_;  // the latest, by sequence
  std::atomic<uint64_t> copy_count_{0}, copy_ns_{0}, measured_count_{0}, in_time_count_{0},
      idle_ns_{0}, exposed_ns_{0};
};

}  // namespace headrace::loader

// What each thread and the device did when, as Chrome's trace events: ui.perfetto.dev opens them.
// Thread safety: Trace any thread; a Tracer one thread at a time. Invariants: 1. memory is lanes x
// k_lane_spans; a span that finds no room is left out and counted, and nobody waits; 2. the file
// appears under its name whole, when the trace ends, however the run did; 3. a Tracer without a
// trace is a test of a pointer.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "headrace/base/clock.h"
#include "headrace/base/files.h"
#include "headrace/shim/nvtx.h"

namespace headrace::observe {

struct TraceSpan {
  const char* name = "";  // a literal
  uint64_t begin_ns = 0;  // steady_now_ns()
  uint64_t end_ns = 0;
  uint64_t value = 0;  // what its track counts
  uint32_t track = 0;
};
inline constexpr uint32_t k_lane_spans = 8192;

// From one thread to the one that writes.
class TraceLane {
 public:
  void add(const TraceSpan& span) noexcept;
  bool take(TraceSpan& span) noexcept;  // the writer's
  uint64_t left_out_count() const { return left_out_count_.load(std::memory_order_relaxed); }

 private:
  std::array<TraceSpan, k_lane_spans> spans_;
  alignas(64) std::atomic<uint64_t> put_count_{0};
  std::atomic<uint64_t> left_out_count_{0};
  alignas(64) std::atomic<uint64_t> taken_count_{0};
};

// Where a thread notes what it does: its lane, and a row of the picture.
class Tracer {
 public:
  Tracer() = default;  // no trace
  Tracer(TraceLane& lane, uint32_t track) : lane_(&lane), track_(track) {}
  explicit operator bool() const { return lane_ != nullptr; }
  void note(const char* name, uint64_t begin_ns, uint64_t end_ns,
            uint64_t value = 0) const noexcept {
    if (lane_ != nullptr) [[unlikely]]
      lane_->add({name, begin_ns, end_ns, value, track_});
  }

 private:
  TraceLane* lane_ = nullptr;
  uint32_t track_ = 0;
};

// A stage of a thread's work, for a profiler and for the trace: from its birth to its end.
class Scope {
 public:
  Scope(const shim::Nvtx& profiler, const Tracer& tracer, const char* name)
      : range_(profiler, name),
        tracer_(tracer),
        name_(name),
        begin_ns_(tracer ? steady_now_ns() : 0) {}
  ~Scope() {
    if (tracer_) [[unlikely]]
      tracer_.note(name_, begin_ns_, steady_now_ns(), value_);
  }
  Scope(Scope&&) = delete;
  void count(uint64_t value) { value_ = value; }

 private:
  const shim::Range range_;
  const Tracer& tracer_;
  const char* name_;
  uint64_t begin_ns_;
  uint64_t value_ = 0;
};

// A row of the picture. The same group and name are the same row.
struct TraceTrack {
  std::string group = {};  // "threads", "batches in host memory", "cuda:0 (NVIDIA H100)"
  std::string name = {};
  const char* counted = "";  // what a span's value is: "batch", "bytes"; "" = it has none
  bool overlaps = false;     // its spans do, as reads in flight
};

struct TraceOptions {
  std::string path = {};
  std::string version = {};
  uint64_t file_bytes_max = uint64_t{1} << 30;  // spans beyond it are left out and counted
  Files* files = &real_files();
};

class Trace {
 public:
  explicit Trace(const TraceOptions& options);  // throws Error
  ~Trace();                                     // as end(), but silent
  Trace(Trace&&) = delete;

  // One thread at a time notes by what has the same `owner`. Throws Error.
  Tracer tracer(const std::string& owner, const TraceTrack& track);
  Tracer of_thread(const std::string& name) {
    return tracer(name, {.group = "threads", .name = name, .counted = "count"});
  }
  // Writes what was noted so far and shows the file; what is noted later is lost. Throws Error.
  void end();
  uint64_t left_out_count() const;

 private:
  struct Owned {
    std::string owner;
    std::unique_ptr<TraceLane> lane;
  };
  void run(const std::stop_token& stop);
  void write_out();
  void append_span(const TraceSpan& span);
  void append_name(const char* what, const std::string& name, uint32_t group, uint32_t track);
  uint32_t group_of(const std::string& name);
  uint32_t track_of(const TraceTrack& track);
  void flush();

  const TraceOptions options_;
  const uint64_t begin_ns_ = steady_now_ns();
  AtomicFile file_;
  mutable std::mutex mutex_;  // guards all that follows; the threads that note never take it
  std::condition_variable_any wake_;
  std::vector<std::string> groups_;
  struct Row {
    TraceTrack track;
    uint32_t group = 0;
  };
  std::vector<Row> rows_;
  std::vector<Owned> lanes_;
  std::string text_;
  uint64_t async_count_ = 0, too_many_count_ = 0;
  bool ended_ = false;
  std::jthread writer_;
};

}  // namespace headrace::observe

// Runs a loader against an emulated accelerator: a step takes its batches, then computes for a
// given time. What is measured is what a trainer would feel: the time in next(), or on a device the
// time that its stream has no work for want of a batch. Thread safety: one thread; on_tick is
// called on it.
#pragma once

#include <functional>
#include <stop_token>

#include "headrace/base/clock.h"
#include "headrace/loader/batches.h"
#include "headrace/loader/snapshot.h"
#include "headrace/observe/process.h"
#include "headrace/observe/record.h"

namespace headrace::feed {

struct FeedOptions {
  uint64_t step_ns = 0;  // the accelerator's computing, a step; 0 = as fast as batches come
  uint32_t batches_per_step = 1;  // one for each emulated accelerator
  uint64_t step_count = 0;        // 0 = until the loader ends
  uint64_t expected_steps = 0;    // by which the warm-up is chosen; 0 = not known
  uint64_t tick_ns = 1'000'000'000;
  observe::Trace* trace = nullptr;  // null = none
};

// Taken before the loader is made, so that its first reads count: bytes read then agree with the
// kernel's count.
struct Start {
  uint64_t at_ns = 0;
  observe::ProcessIo io = {};
  observe::ProcessUsage usage = {};

  static Start now();
};

// The second that just ended, and the window so far, for a live screen.
struct Tick {
  observe::IntervalRecord interval = {};
  observe::Evidence evidence = {};
  uint64_t steps = 0;
  uint64_t expected_steps = 0;  // 0 = without end
  uint64_t read_p50_ns = 0;     // of the run so far
  uint64_t read_p99_ns = 0;
};

struct Seams {
  Clock& clock;
  std::stop_token stop = {};
  std::function<void(const Tick&)> on_tick = {};
  std::function<void(const loader::Batch&)> on_batch = {};
};

// The measured part of a RunRecord: totals, window, intervals and both histograms. Throws what
// next() throws.
struct FeedResult {
  observe::TotalsRecord totals = {};
  observe::Evidence window = {};
  std::vector<observe::IntervalRecord> intervals = {};
  observe::HistogramRecord batch_latency = {};
  observe::HistogramRecord read_latency = {};
  bool interrupted = false;
};

FeedResult feed(loader::Batches& batches, const loader::LoaderFacts& facts,
                const FeedOptions& options, const Start& start, const Seams& seams);

}  // namespace headrace::feed

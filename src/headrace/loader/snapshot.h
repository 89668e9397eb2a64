// Stall accounting: a loader's counters at one moment, and what happened between two moments as
// evidence for a verdict. Thread safety: values; take() may run beside the loader.
#pragma once

#include <array>
#include <cstdint>

#include "headrace/loader/batches.h"
#include "headrace/observe/histogram.h"
#include "headrace/observe/verdict.h"

namespace headrace::loader {

struct DiskSnapshot {
  uint64_t read_count = 0;
  uint64_t bytes = 0;
  uint64_t latency_ns = 0;
  uint64_t busy_ns = 0;
};

struct Snapshot {
  uint64_t at_ns = 0;
  std::array<uint64_t, observe::k_stage_count> busy_ns{};  // all workers together
  std::array<uint64_t, observe::k_stage_count> items{};
  uint64_t read_count = 0;
  uint64_t read_bytes = 0;
  uint64_t read_latency_sum_ns = 0;
  uint64_t in_flight_ns = 0;
  uint64_t batch_count = 0;  // that the consumer took
  uint64_t sample_count = 0;
  uint64_t wait_ns = 0;     // of its thread
  uint64_t made_count = 0;  // batches that left the loader: to the consumer, or to its device
  uint64_t queued_entries_sum = 0;
  uint64_t ready_batches_sum = 0;
  uint64_t worker_idle_ns = 0;  // all workers together
  DeviceStats device = {};
  std::array<DiskSnapshot, k_disks_told_max> disks{};

  static Snapshot take(const Batches& batches);
};

// What a verdict needs to know of the loader itself, the same all through the run.
struct LoaderFacts {
  uint32_t workers = 0;
  uint32_t batch_size = 0;
  bool direct = false;
};

// The window between two snapshots. `steps` are the consumer's; process figures (cores, cpu_s,
// device bytes, percentiles) are the caller's to add.
observe::Evidence evidence_between(const Snapshot& before, const Snapshot& after,
                                   const LoaderFacts& facts, const Batches& batches);

// How long the consumer stood still between two snapshots: its stream on a device, where that was
// measured, else its thread. A thread that gives work to a device waits for that work too.
uint64_t waited_ns(const Snapshot& before, const Snapshot& after);

}  // namespace headrace::loader

// What the loader knows of its own time: kept by each thread for itself, read by anyone at any
// moment. Thread safety: one writer a value (relaxed atomics); a snapshot is a moment old, never
// torn.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "headrace/base/clock.h"
#include "headrace/base/laps.h"
#include "headrace/loader/device_stages.h"
#include "headrace/loader/idle_time.h"
#include "headrace/observe/histogram.h"
#include "headrace/observe/stage.h"

namespace headrace::loader {

struct WorkerStats {
  observe::StageTimes times;
  Laps laps;  // with Options::profile
  IdleTime idle{steady_now_ns()};
  uint64_t ops_ns() const {
    return times.busy_ns(observe::Stage::decode) + times.busy_ns(observe::Stage::resize);
  }
};

// Of one disk. What it is called is written before it is counted among the disks.
struct DiskStats {
  std::string name = {};
  std::atomic<uint64_t> read_count{0};  // that came back
  std::atomic<uint64_t> arrived_bytes{0};
  std::atomic<uint64_t> latency_ns{0};
  std::atomic<uint64_t> busy_ns{0};  // with a read in flight at least
};
inline constexpr size_t k_disks_told_max = 16;  // those behind count as the last one

struct FeederStats {
  std::atomic<uint64_t> read_count{0};
  std::atomic<uint64_t> wanted_bytes{0};           // what samples asked for
  std::atomic<uint64_t> arrived_bytes{0};          // wanted bytes that came
  std::atomic<uint64_t> in_flight_ns{0};           // time with at least one read in flight
  std::atomic<uint64_t> in_flight{0};              // now
  std::atomic<uint64_t> starved_for_slots_ns{0};   // waited for the consumer: back-pressure
  std::atomic<uint64_t> starved_for_blocks_ns{0};  // waited for the workers
  observe::Histogram read_latency_ns;
  std::array<DiskStats, k_disks_told_max> disks;
  std::atomic<uint32_t> disk_count{0};
};

// By a value's one writer.
inline void add_to(std::atomic<uint64_t>& counter, uint64_t amount) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

struct ConsumerStats {
  std::atomic<uint64_t> batch_count{0};
  std::atomic<uint64_t> sample_count{0};
  std::atomic<uint64_t> wait_ns{0};  // inside next()
  std::atomic<uint64_t> queued_entries_sum{
      0};  // at each next(): reads waiting, at most queue_capacity()
  std::atomic<uint64_t> ready_batches_sum{
      0};  // at each next(): whole batches that wait for the consumer
  observe::Histogram wait_latency_ns;
  std::vector<std::atomic<uint64_t>> part_samples;  // of a blend: how many came from each part

  // By the one thread that takes batches.
  void note_batch(uint64_t row_count, uint64_t waited_ns) {
    bump(batch_count, 1);
    bump(sample_count, row_count);
    bump(wait_ns, waited_ns);
    wait_latency_ns.add(waited_ns);
  }
  static void bump(std::atomic<uint64_t>& counter, uint64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
};

// What the device's own events say, and what the copying thread waited for: batches (the loader is
// short), the device's work on them, or slots (the consumer is, and all is well).
struct DeviceStats {
  uint64_t copy_count = 0;  // batches
  uint64_t copied_bytes = 0;
  StageSums stages = {};        // on the device, by itself: without waiting for readers
  uint64_t measured_count = 0;  // batches whose reader's stream was known before they were given
  uint64_t in_time_count = 0;   // of those: that were there when the stream came to them
  uint64_t idle_ns = 0;         // that streams stood still for them
  uint64_t exposed_ns = 0;      // of it, while the device worked on them
  uint64_t batch_wait_ns = 0;
  uint64_t copy_wait_ns = 0;
  uint64_t slot_wait_ns = 0;
};

struct Stats {
  Stats(uint32_t worker_count, size_t part_count) : workers(worker_count) {
    consumer.part_samples = std::vector<std::atomic<uint64_t>>(part_count);
  }
  std::vector<WorkerStats> workers;
  FeederStats feeder;
  ConsumerStats consumer;
  std::atomic<uint64_t> skipped_count{0};
};

}  // namespace headrace::loader

// Whose fault is the wait? A pure function from what was measured to a verdict that a person can
// act on. Thread safety: values only. Invariants: (1) no number in a verdict was not measured or
// derived from measured ones; (2) nothing divides by zero: an absent measurement is 0 or -1 and its
// rule is skipped; (3) no NaN comes out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headrace::observe {

// What one stage did in the window. Stages of one pool share its threads (decode and resize share
// the workers).
struct StageRecord {
  // "storage", "decode", "resize", "other", those of a device, "consumer"
  std::string name = {};
  std::string pool = {};      // whose threads do it: "io", "workers", k_device_pool, "consumer"
  uint32_t threads = 0;       // of the whole pool
  double busy_s = 0;          // summed over the pool's threads
  uint64_t items = 0;         // samples
  double capacity_per_s = 0;  // samples/s if it alone had the pool: set_capacities(); 0 = not known
  double input_fill = -1;  // mean fill of the pool's input queue, 0..1; -1 = none or not measured
  double output_fill =
      -1;  // likewise of its output queue (for the workers: batches ready for the consumer)
};

// What one disk of the data set did in the window: a device, or a file system without one.
struct DiskRecord {
  std::string name = {};  // "/dev/nvme0n1 (/data)"
  uint64_t reads = 0;
  uint64_t bytes = 0;
  double latency_mean_s = 0;
  double in_flight_mean = 0;
  double busy_s = 0;  // with a read in flight at least
};

// What the storage did in the window. Little's law binds it: mean latency x reads/s = mean in
// flight.
struct ReadRecord {
  std::string engine = {};  // "uring", "threads", "psync"
  bool direct = false;      // O_DIRECT, else through the page cache
  std::string note = {};    // why no better engine, or empty
  uint32_t depth = 0;       // the bound on reads in flight
  double in_flight_mean = 0;
  double latency_mean_s = 0;
  uint64_t reads = 0;
  uint64_t bytes = 0;  // asked for and delivered
  uint64_t device_bytes =
      0;  // what the kernel says this process fetched from storage (/proc/self/io)
  std::vector<DiskRecord> disks = {};
};

// Of a field that a device may make.
struct DeviceField {
  std::string name = {};
  double share = 0;  // of the latest batch's rows, that it made
};

// The way from host memory to a device, and what is made there, by the device's own events.
struct LinkRecord {
  std::string device = {};  // "cuda:0 (NVIDIA H100)"; "" = batches stay in host memory
  uint64_t copies = 0;      // of whole batches
  uint64_t bytes = 0;
  double copy_s = 0;      // that copies took, by themselves
  uint64_t measured = 0;  // batches for which the reader's stream was watched
  double idle_s = 0;      // that it stood still for them
  double exposed_s = 0;   // of it, while the device worked on them; the rest is the loader's
  double decode_s = 0;    // of pictures
  double unpack_s = 0;    // of compressed fields
  double kernel_s = 0;    // of decoded pictures to rows
  std::vector<DeviceField> fields = {};
  std::string why_not = {};  // fields that leave the choice are the host's; "" where none is

  double work_s() const { return copy_s + decode_s + unpack_s + kernel_s; }
  double hidden_share() const;  // of the work, behind the reader's own; -1 = not known
};
// What the device does for batches, in one stream: the stages of the pool k_device_pool.
inline constexpr const char* k_device_pool = "device";
inline constexpr const char* k_link_stage = "host-to-device link";
inline constexpr const char* k_device_decode = "device decode";
inline constexpr const char* k_device_unpack = "device decompress";
inline constexpr const char* k_device_kernel = "device kernels";

// Everything that a verdict is drawn from: one window of a run, its warm-up left out.
struct Evidence {
  double window_s = 0;
  uint64_t steps = 0;
  uint64_t samples = 0;
  double wait_s = 0;  // the consumer's time in next()
  std::vector<StageRecord> stages = {};
  ReadRecord reads = {};
  double cores = 0;                // affinity and cgroup quota; 0 = not known
  double cpu_s = 0;                // user + system of the whole process; 0 = not known
  uint64_t prefetch_batches = 0;   // bound on batches between storage and consumer
  double batch_latency_p50_s = 0;  // time in next()
  double batch_latency_p999_s = 0;
  double worker_idle_s = 0;      // the workers' time without an entry: with busy_s, all of it
  bool unpacked_folder = false;  // one file a sample: `headrace pack` would help
  LinkRecord link = {};
};

enum class VerdictKind : uint8_t { fed, short_of, unsure, too_brief };
const char* name_of(VerdictKind kind);  // "fed", "short", "unsure", "too_brief"

struct Verdict {
  VerdictKind kind = VerdictKind::too_brief;
  std::string stage = {};  // fed: the tightest; short_of: the one that is short; else empty
  double wait_share = 0;   // 0..1 of the window
  double demand_per_s =
      0;  // samples/s the consumer would take; 0 = unlimited (it does no work of its own)
  double supply_per_s = 0;  // samples/s of the tightest stage; 0 = not known
  double headroom = 0;      // fed: supply/demand - 1
  bool cpu_bound = false;   // the cores, not the number of threads, are the limit
  std::string sentence = {};
  std::vector<std::string> evidence = {};
  std::vector<std::string> advice = {};  // most promising first
};

inline constexpr double k_fed_wait_share = 0.01;
inline constexpr uint64_t k_least_steps = 20;
inline constexpr double k_least_window_s = 0.5;
inline constexpr double k_full = 0.8;
inline constexpr double k_empty = 0.2;

// Steps to leave out of the window: 30, or a quarter of a run that is shorter than 120 steps.
constexpr uint64_t warm_up_steps(uint64_t run_steps) {
  return run_steps < 120 ? run_steps / 4 : 30;
}

// threads * items / busy_s for each stage.
void set_capacities(std::vector<StageRecord>& stages);

Verdict judge(const Evidence& evidence);

}  // namespace headrace::observe

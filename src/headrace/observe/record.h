// Everything that a report shows of one run, as plain data that knows nothing of the loader that
// filled it. Thread safety: values. JSON keys are a public interface: record_test.cc holds them to
// a golden text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "headrace/observe/verdict.h"

namespace headrace::observe {

struct MachineRecord {
  std::string cpu_model = {};
  double cores = 0;  // usable: affinity and cgroup quota
  uint64_t memory_bytes = 0;
  std::string kernel = {};       // "Linux 6.1.0-18-amd64"
  std::string file_system = {};  // of the data: "ext4"
  std::string device = {};       // "/dev/nvme0n1p2"
  std::string mount = {};        // "/data"
};

// One of the data sets that a blend mixes.
struct BlendRecord {
  std::string name = {};
  double share = 0;      // wanted, of 1
  uint64_t samples = 0;  // that it has
  uint64_t fed = 0;      // that came from it
};

struct DatasetRecord {
  std::string path = {};
  std::string format = {};  // "webdataset", "folder"
  uint64_t samples = 0;
  uint64_t bytes = 0;
  uint64_t shards = 0;
  std::vector<BlendRecord> blend = {};
  std::vector<std::string> notes = {};  // what opening it found: indexes made again, cut shards
};

// A histogram as it is shown: the buckets that have a count, in ascending order.
struct HistogramRecord {
  struct Bucket {
    uint64_t low_ns = 0;   // inclusive
    uint64_t high_ns = 0;  // exclusive
    uint64_t count = 0;
  };
  uint64_t count = 0;
  uint64_t sum_ns = 0;
  uint64_t p50_ns = 0;
  uint64_t p90_ns = 0;
  uint64_t p99_ns = 0;
  uint64_t p999_ns = 0;
  uint64_t max_ns = 0;
  std::vector<Bucket> buckets = {};
};

// One second (or so) of the run.
struct IntervalRecord {
  double t_s = 0;  // since the start; the interval's end
  double samples_per_s = 0;
  double wait_share = 0;
  double read_bytes_per_s = 0;
  double in_flight = 0;
};

struct SkippedRecord {
  std::string key = {};
  std::string file = {};
  uint64_t offset_bytes = 0;
  std::string what = {};
};
inline constexpr size_t k_skipped_listed_limit = 100;

// The whole run, warm-up included.
struct TotalsRecord {
  double wall_s = 0;
  uint64_t steps = 0;
  uint64_t samples = 0;
  uint64_t batch = 0;
  double step_target_s = 0;  // the emulated accelerator's step; 0 = none
  double wait_s = 0;
  double first_batch_s = 0;         // from start to the first batch
  uint64_t read_bytes = 0;          // by our own count
  uint64_t process_rchar = 0;       // /proc/self/io, over the run
  uint64_t process_read_bytes = 0;  // /proc/self/io: fetched from storage
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  uint64_t peak_rss_bytes = 0;
  double open_s = 0;     // opening the data set and taking memory, before the first next()
  double compute_s = 0;  // in the emulated steps
  double own_s = 0;      // giving batches back, dumping: open + wait + compute + own = wall, nearly
};

struct RunRecord {
  std::string version = {};
  std::string started = {};   // ISO 8601, UTC
  std::string command = {};   // exact, shell-quoted
  std::string job_toml = {};  // the job as it was run
  MachineRecord machine = {};
  DatasetRecord dataset = {};
  TotalsRecord totals = {};
  Evidence window = {};  // after warm-up: stages, reads, queue fills
  std::vector<IntervalRecord> intervals = {};
  HistogramRecord batch_latency = {};  // time in next()
  HistogramRecord read_latency = {};
  uint64_t skipped = 0;
  std::vector<SkippedRecord> skipped_listed = {};  // the first k_skipped_listed_limit
  Verdict verdict = {};
};

// Indented JSON with stable keys. Bytes that are not UTF-8 become U+FFFD.
std::string to_json(const RunRecord& record);

}  // namespace headrace::observe

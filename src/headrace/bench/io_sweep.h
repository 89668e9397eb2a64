// headrace bench io: every setting of a sweep on one target, in interleaved rounds.
// Thread safety: one thread calls. Invariant: each figure is of rounds that all settings had.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "headrace/bench/sweep.h"
#include "headrace/bench/target.h"
#include "headrace/observe/record.h"

namespace headrace::bench {

struct IoBenchOptions {
  Sweep sweep = {};
  uint32_t rounds = 3;
  double round_s = 0.5;                     // of each setting in each round
  bool warm = false;                        // leave the page cache as it is
  std::optional<DeviceTarget> device = {};  // whose memory reads go to
  bool verify = false;  // also compare blocks that each setting moves; not timed
  uint64_t sample_bytes = uint64_t{128} << 10;  // for whose reads the best setting is named
  std::stop_token stop = {};
  std::function<void()> on_run = {};  // after each run
};

struct IoReport {
  std::string command = {};
  std::string started = {};
  std::string target = {};
  std::string kind = {};
  uint64_t size_bytes = 0;
  observe::MachineRecord machine = {};
  IoBenchOptions options = {};
  std::vector<Finding> findings = {};  // empty: stopped within the first round
  std::vector<Knee> knees = {};
  std::optional<size_t> best = {};  // for a loader's reads: index of the finding
  uint64_t verified_count = 0;      // blocks
  std::string why_not_direct = {};
  bool interrupted = false;
};

// How many runs there will be.
uint64_t run_count(const IoBenchOptions& options);
IoReport run_io_bench(const Target& target, const IoBenchOptions& options);

}  // namespace headrace::bench

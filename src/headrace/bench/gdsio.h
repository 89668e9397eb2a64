// Runs what gdsio was told, storage to host memory, by a blocking call a thread as gdsio does.
// Thread safety: one thread calls. Invariants: (1) no file is written that this did not make: each
// bears a mark; (2) the result line is gdsio's byte for byte.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "headrace/bench/gdsio_options.h"

namespace headrace::bench {

struct GdsioSeams {
  std::stop_token stop = {};
  std::function<void(const std::string& line)> print = {};  // lines of the result, in order
  std::function<void(uint64_t total_bytes)> on_begin = {};  // 0 = by time
  std::function<void(uint64_t bytes)> on_moved = {};        // any thread
};
// Throws Error: a transfer that needs a GPU, a file that it did not make, what run_load throws.
void run_gdsio(const GdsioOptions& options, const GdsioSeams& seams);

// The figures of one result line.
struct GdsioResult {
  GdsioType type = GdsioType::read;
  GdsioTransfer transfer = GdsioTransfer::cpu_only;
  uint32_t threads = 1;
  uint64_t moved_bytes = 0;
  uint64_t wanted_bytes = 0;
  GdsioSizes io_size = {};
  uint64_t operations = 0;
  uint64_t latency_sum_ns = 0;
  double wall_s = 0;
};
std::string gdsio_line(const GdsioResult& result);

}  // namespace headrace::bench

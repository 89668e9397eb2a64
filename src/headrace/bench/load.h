// One timed run of reads or writes: a thread for each lane, each with a ring of its own that is
// kept full. Thread safety: one thread calls; the run's own threads end before it returns.
// Invariants: (1) a lane's blocks lie inside the lane; (2) in one pass each block of a lane is
// moved exactly once, in either pattern; (3) what was submitted is waited for, and counts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "headrace/bench/lane_memory.h"
#include "headrace/io/ring.h"
#include "headrace/observe/histogram.h"

namespace headrace::bench {

enum class Pattern { sequential, random };
enum class Direction { read, write };
const char* name_of(Pattern pattern);
const char* name_of(Direction direction);

// What one thread works on: whole blocks of `file` from `start_bytes`.
struct Lane {
  const io::File* file = nullptr;
  uint64_t start_bytes = 0;
  uint64_t size_bytes = 0;
};
// The file in `count` equal lanes of whole blocks. Throws Error when it has fewer blocks than that.
std::vector<Lane> lanes_of(const io::File& file, uint32_t count, uint64_t block_bytes);

inline constexpr uint64_t k_without_end = ~uint64_t{0};
struct LoadOptions {
  std::string engine = "auto";              // as parse_engine() takes it
  std::optional<DeviceTarget> device = {};  // reads only: whose memory they go to
  uint64_t block_bytes = uint64_t{128} << 10;
  uint32_t depth = 1;
  Pattern pattern = Pattern::random;
  Direction direction = Direction::read;
  uint64_t duration_ns = k_without_end;
  uint64_t passes = k_without_end;  // over each lane
  bool from_start = false;          // sequential runs begin where the lane does, not by the seed
  uint32_t turns = 1;  // each of the `depth` blocks in flight has memory for so many, used in turn
  uint64_t seed = 0;   // of the random order, and of where a sequential run begins
  std::stop_token stop = {};
  // Writes: makes a block's bytes before it is written; empty = one set of random bytes for all.
  std::function<void(uint64_t offset_bytes, std::span<std::byte> block)> fill = {};
  // Reads: looks at each block that came; the first offset that is not as it should be ends the
  // run.
  std::function<std::optional<uint64_t>(uint64_t offset_bytes, std::span<const std::byte> block)>
      check = {};
  std::function<void(uint64_t bytes)> on_moved = {};  // called by any lane's thread
};

struct LaneSum {
  uint64_t operations = 0;
  uint64_t bytes = 0;
  uint64_t latency_sum_ns = 0;

  LaneSum& operator+=(const LaneSum& other) {
    operations += other.operations;
    bytes += other.bytes;
    latency_sum_ns += other.latency_sum_ns;
    return *this;
  }
};

struct LoadResult {
  uint64_t operations = 0;
  uint64_t bytes = 0;
  double wall_s = 0;  // from the common start to the last completion
  double cpu_s = 0;   // of the process in that time
  std::unique_ptr<observe::Histogram> latency = std::make_unique<observe::Histogram>();
  io::RingInfo ring = {};  // of the first lane
  std::vector<LaneSum> lanes = {};
};
// Throws Error when a ring cannot be made, a read or write fails or comes short, or a check throws.
LoadResult run_load(std::span<const Lane> lanes, const LoadOptions& options);

}  // namespace headrace::bench

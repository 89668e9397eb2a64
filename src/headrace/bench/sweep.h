// Which settings a sweep tries, and what it draws from the figures: the knees and the best setting.
// Pure; thread safety: values. Invariant: settings_of() gives each setting once, the depths of one
// curve in ascending order beside each other.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "headrace/bench/load.h"
#include "headrace/bench/table.h"

namespace headrace::bench {

struct Setting {
  Direction direction = Direction::read;
  Pattern pattern = Pattern::random;
  uint64_t block_bytes = 0;
  bool direct = true;
  std::string engine = {};
  uint32_t threads = 1;
  uint32_t depth = 1;  // of each thread
  bool operator==(const Setting&) const = default;
};
// "random read, 128 KiB, direct, uring, 1 thread, depth 32".
std::string text_of(const Setting& setting);

struct Sweep {
  std::vector<Direction> directions = {Direction::read};
  std::vector<Pattern> patterns = {Pattern::random};
  std::vector<uint64_t> block_bytes = {4 << 10, 128 << 10, 1 << 20};
  std::vector<bool> direct = {true, false};
  std::vector<std::string> engines = {"uring", "threads", "psync"};
  std::vector<uint32_t> threads = {1};
  std::vector<uint32_t> depths = {1, 2, 4, 8, 16, 32, 64, 128};
};
// psync serves one after the other, so it is tried at the least depth only; an engine's flag with
// the one kind of caching that it is for.
std::vector<Setting> settings_of(Sweep sweep);

// What was measured of one setting.
struct Finding {
  Setting setting = {};
  Row row = {};  // in bytes a second
  observe::HistogramRecord latency = {};
  double cpu_s_per_gb = 0;  // GB = 10^9 bytes
  double operations_per_s = 0;
  double still_cached =
      0;  // share of the file in the page cache before buffered runs; -1 = unknown
  bool stayed_direct = true;
  std::string note = {};  // which better engine or flag was refused, and why
};

// A step up in depth (the sweep doubles it) that brings less than this is not worth it.
inline constexpr double k_worthwhile_rise = 0.03;
// Where one curve (all but the depth alike) stops rising; of fewer depths than this there is none
// to see.
inline constexpr size_t k_depths_of_knee = 3;
struct Knee {
  size_t finding = 0;    // index of the finding at the knee
  bool reached = false;  // false: it still rose at the greatest depth tried
};
std::vector<Knee> knees_of(std::span<const Finding> findings);

// Of reads in the pattern and block size, by one thread and an engine that jobs take: the cheapest
// in processor time of those that come within 3 % of the fastest.
std::optional<size_t> best_for(std::span<const Finding> findings, Pattern pattern,
                               uint64_t block_bytes);
// Lines for headrace.toml: dataset.cache, loader.engine, loader.depth.
std::string job_lines(const Setting& setting);

}  // namespace headrace::bench

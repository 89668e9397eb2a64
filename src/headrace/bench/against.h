// The same settings by our rings and by tuned fio, interleaved, so that both see the same disk.
// Thread safety: one thread calls. Invariant: a ratio is the median of ratios within rounds.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "headrace/bench/io_sweep.h"

namespace headrace::bench {

// One setting by both; rows in bytes a second.
struct AgainstPair {
  Setting setting = {};
  Row ours = {};
  Row fio = {};
};
// The best of each over all depths of one pattern and block size.
struct AgainstBest {
  size_t ours = 0;  // indexes of pairs
  size_t fio = 0;
  double ratio = 0;      // of the medians
  double cpu_ratio = 0;  // processor time a byte
};
struct AgainstReport {
  std::string target = {};
  std::string kind = {};
  uint64_t size_bytes = 0;
  std::string fio = {};     // version
  bool huge_pages = false;  // fio's buffers; ours ask for them always
  double round_s = 0;
  std::vector<AgainstPair> pairs = {};
  std::vector<AgainstBest> bests = {};
  bool interrupted = false;
};

// Sweeps direct and buffered reads by uring and psync; throws Error for what fio cannot do alike,
// and when there is no fio.
AgainstReport run_against_fio(const Target& target, const IoBenchOptions& options);
std::vector<AgainstBest> bests_of(const std::vector<AgainstPair>& pairs);
std::string against_text(const AgainstReport& report);
nlohmann::ordered_json against_document(const AgainstReport& report);

}  // namespace headrace::bench

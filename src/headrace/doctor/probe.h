// Reads of the data set for a few seconds, as the loader would read it, and what they reached.
// Thread safety: one thread. Invariants: (1) nothing is written; (2) at most `depth` blocks are in
// flight; (3) it ends at `duration_ns`, at a stop, or at the first read that fails.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "headrace/base/clock.h"
#include "headrace/doctor/sample_files.h"
#include "headrace/io/ring.h"

namespace headrace::doctor {

struct ProbeOptions {
  Files* files = &real_files();
  io::Caching caching = io::Caching::direct;
  uint64_t block_bytes = uint64_t{1} << 20;
  uint32_t depth = 16;
  std::string engine = "auto";
  uint64_t duration_ns = 5'000'000'000;
  Clock* clock = nullptr;
  std::function<void()> under_load = {};                // once, near the end, with reads in flight
  std::function<void(uint64_t done_ns)> progress = {};  // now and then
  std::stop_token stop = {};
  std::function<std::unique_ptr<io::Ring>(const io::RingOptions&)> make_ring = io::make_ring;
};

struct Probe {
  double seconds = 0;
  double cpu_seconds = 0;
  uint64_t read_count = 0;
  uint64_t read_bytes = 0;    // that arrived
  uint64_t device_bytes = 0;  // that storage gave, by the kernel's count of this process
  uint64_t block_bytes = 0;
  uint32_t depth = 0;
  uint64_t latency_p50_ns = 0;
  uint64_t latency_p99_ns = 0;
  bool direct = false;  // every file
  std::string why_buffered = {};
  io::RingInfo ring = {};
  uint64_t arena_bytes = 0;
  std::string failure = {};  // "" or what a read ended in, with file and byte
  bool stopped = false;
  bool under_load = false;  // it lasted until ProbeOptions::under_load was called

  double bytes_per_s() const { return seconds > 0 ? static_cast<double>(read_bytes) / seconds : 0; }
  // False when the page cache gave half or more: then the rate says nothing about the storage.
  bool from_storage() const { return direct || device_bytes * 2 > read_bytes; }
};

// Throws Error when a file cannot be opened or no ring can be made.
Probe run_probe(const SampleFiles& sample, const ProbeOptions& options);

}  // namespace headrace::doctor

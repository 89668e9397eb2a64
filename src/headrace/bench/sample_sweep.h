// For tests: a small sweep of known figures. Thread safety: none wanted.
#pragma once

#include "headrace/bench/io_sweep.h"

namespace headrace::bench {

inline Finding sample_finding(const char* engine, uint32_t depth, double rate) {
  const Setting setting{.block_bytes = 128 << 10, .engine = engine, .depth = depth};
  return {.setting = setting,
          .row = {.name = text_of(setting),
                  .value = rate,
                  .unit = "B/s",
                  .spread = 0.05,
                  .rounds = 3,
                  .cpu_us_an_item = 1e-4,
                  .ratio_of = "uring",
                  .ratio = rate / 2e9},
          .latency = {.p50_ns = 200'000, .p99_ns = 1'500'000, .p999_ns = 3'000'000},
          .cpu_s_per_gb = 0.1,
          .operations_per_s = rate / (128 << 10)};
}

// uring rises to depth 4 and not to 8; psync is slower.
inline IoReport sample_sweep() {
  IoReport report{.command = "headrace bench io data",
                  .started = "2026-01-02T03:04:05Z",
                  .target = "data",
                  .kind = "file",
                  .size_bytes = uint64_t{1} << 30};
  report.findings = {sample_finding("uring", 1, 1.0e9), sample_finding("uring", 4, 2.0e9),
                     sample_finding("uring", 8, 2.01e9), sample_finding("psync", 1, 0.5e9)};
  report.findings[2].cpu_s_per_gb = 0.2;
  report.knees = knees_of(report.findings);
  report.best = best_for(report.findings, Pattern::random, 128 << 10);
  return report;
}

}  // namespace headrace::bench

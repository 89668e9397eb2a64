// For tests and for looking at the page: a plausible run of each character, filled with made-up
// figures. Thread safety: pure functions.
#pragma once

#include <cmath>
#include <memory>

#include "headrace/observe/histogram.h"
#include "headrace/observe/record.h"
#include "headrace/observe/verdict_cases.h"

namespace headrace::report {

inline observe::HistogramRecord sample_histogram(double median_ns, int count) {
  const auto histogram = std::make_unique<observe::Histogram>();
  for (int i = 1; i < count; ++i) {
    const double share = static_cast<double>(i) / count;
    histogram->add(static_cast<uint64_t>(median_ns * std::pow(share / (1 - share), 0.35)));
  }
  return histogram->record();
}

inline observe::RunRecord sample_record(observe::Evidence window) {
  observe::RunRecord record{.version = "0.1.0",
                            .started = "2025-01-01T12:00:00Z",
                            .command = "headrace feed photos --batch 256 --step-ms 100",
                            .job_toml = "[dataset]\nuri = \"photos\"\n\n[batch]\nsize = 256\n",
                            .window = std::move(window)};
  record.machine = {.cpu_model = "AMD EPYC 9654",
                    .cores = 8,
                    .memory_bytes = 64ull << 30,
                    .kernel = "Linux 6.1.0",
                    .file_system = "ext4",
                    .device = "/dev/nvme0n1p1",
                    .mount = "/data"};
  record.dataset = {.path = "/data/photos",
                    .format = "webdataset",
                    .samples = 5000,
                    .bytes = 465'000'000,
                    .shards = 2};
  record.totals = {.wall_s = 104,
                   .steps = 1030,
                   .samples = 263'680,
                   .batch = 256,
                   .step_target_s = 0.1,
                   .wait_s = record.window.wait_s + 0.8,
                   .first_batch_s = 0.31,
                   .read_bytes = 24'522'240'000,
                   .process_rchar = 24'600'000'000,
                   .process_read_bytes = 24'540'000'000,
                   .cpu_user_s = 190,
                   .cpu_system_s = 18,
                   .peak_rss_bytes = 612'000'000,
                   .open_s = 0.2,
                   .compute_s = 102.7 - record.window.wait_s,
                   .own_s = 0.2};
  const double wait = record.window.wait_s / record.window.window_s;
  for (int i = 1; i <= 104; ++i) {
    const double wave = std::sin(i * 0.7) * 0.03 + std::sin(i * 0.23) * 0.02;
    const double start = i < 3 ? 0.5 : 1;
    record.intervals.push_back({.t_s = static_cast<double>(i),
                                .samples_per_s = 2560 * start * (1 + wave),
                                .wait_share = std::max(0.0, wait * (1 - 3 * wave)),
                                .read_bytes_per_s = 238e6 * (1 + 2 * wave),
                                .in_flight = record.window.reads.in_flight_mean * (1 + wave)});
  }
  record.batch_latency = sample_histogram(wait > 0.1 ? 4e7 : 2e4, 1000);
  record.read_latency = sample_histogram(record.window.reads.latency_mean_s * 1e9, 20000);
  record.verdict = judge(record.window);
  return record;
}

}  // namespace headrace::report

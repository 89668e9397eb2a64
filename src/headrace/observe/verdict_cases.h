// For tests of this room and of report/: runs of known character, each a small change of a healthy
// one. Thread safety: pure functions.
#pragma once

#include "headrace/observe/verdict.h"

namespace headrace::observe {

// 4 workers, 1,000 steps of 256 in 100 s; the consumer never waits: demand 2,560 samples/s, decode
// + resize busy 40 %.
inline Evidence healthy_evidence() {
  Evidence evidence{.window_s = 100,
                    .steps = 1000,
                    .samples = 256'000,
                    .wait_s = 0.2,
                    .cores = 8,
                    .cpu_s = 200,
                    .prefetch_batches = 4,
                    .batch_latency_p50_s = 0.00002,
                    .batch_latency_p999_s = 0.0001};
  evidence.stages = {{.name = "storage",
                      .pool = "io",
                      .threads = 1,
                      .busy_s = 60,
                      .items = 256'000,
                      .output_fill = 0.95},
                     {.name = "decode",
                      .pool = "workers",
                      .threads = 4,
                      .busy_s = 120,
                      .items = 256'000,
                      .input_fill = 0.95,
                      .output_fill = 0.97},
                     {.name = "resize",
                      .pool = "workers",
                      .threads = 4,
                      .busy_s = 40,
                      .items = 256'000,
                      .input_fill = 0.95,
                      .output_fill = 0.97},
                     {.name = "consumer",
                      .pool = "consumer",
                      .threads = 1,
                      .busy_s = 99.8,
                      .items = 256'000,
                      .input_fill = 0.97}};
  evidence.reads = {.engine = "uring",
                    .direct = true,
                    .depth = 64,
                    .in_flight_mean = 6,
                    .latency_mean_s = 0.0023,
                    .reads = 256'000,
                    .bytes = 256'000 * 93'000ull};
  set_capacities(evidence.stages);
  return evidence;
}

// As above, but the workers are always busy and the consumer waits 40 s of 100 s.
inline Evidence short_of_decode_evidence() {
  Evidence evidence = healthy_evidence();
  evidence.wait_s = 40;
  evidence.cpu_s = 430;
  evidence.stages[1].busy_s = 300;
  evidence.stages[2].busy_s = 95;
  for (size_t i : {1u, 2u}) {
    evidence.stages[i].input_fill = 0.93;
    evidence.stages[i].output_fill = 0.03;
  }
  evidence.stages[3].input_fill = 0.03;
  evidence.stages[3].busy_s = 60;
  set_capacities(evidence.stages);
  return evidence;
}

// As above, but nothing arrives: the queue after the storage is empty and all 64 reads are in
// flight.
inline Evidence short_of_storage_evidence() {
  Evidence evidence = healthy_evidence();
  evidence.wait_s = 40;
  evidence.stages[0].output_fill = 0.02;
  for (size_t i : {1u, 2u}) {
    evidence.stages[i].input_fill = 0.02;
    evidence.stages[i].output_fill = 0.04;
  }
  evidence.reads.in_flight_mean = 63.5;
  evidence.reads.latency_mean_s = 0.0248;
  return evidence;
}

// As healthy, but on a device whose link carries 2 GB/s: it stands still 40 s of 100 s, 36 of them
// while copies are under way.
inline Evidence short_of_link_evidence() {
  Evidence evidence = healthy_evidence();
  evidence.wait_s = 40;
  evidence.stages.insert(evidence.stages.end() - 1, {.name = k_link_stage,
                                                     .pool = k_device_pool,
                                                     .threads = 1,
                                                     .busy_s = 98,
                                                     .items = 256'000,
                                                     .input_fill = 0.97,
                                                     .output_fill = 0.02});
  evidence.link = {.device = "cuda:0 (NVIDIA H100)",
                   .copies = 1000,
                   .bytes = 256'000 * 602'112ull,
                   .copy_s = 98,
                   .measured = 1000,
                   .idle_s = 40,
                   .exposed_s = 36};
  set_capacities(evidence.stages);
  return evidence;
}

// As there, but the device decodes pictures, which takes four times as long as the copies.
inline Evidence short_of_device_decode_evidence() {
  Evidence evidence = short_of_link_evidence();
  StageRecord& link = evidence.stages[evidence.stages.size() - 2];
  link.busy_s = 16;
  StageRecord decode = link, kernel = link;
  decode.name = k_device_decode;
  decode.busy_s = 72;
  kernel.name = k_device_kernel;
  kernel.busy_s = 10;
  evidence.stages.insert(evidence.stages.end() - 1, {decode, kernel});
  evidence.link.copy_s = 16;
  evidence.link.decode_s = 72;
  evidence.link.kernel_s = 10;
  evidence.link.fields = {{.name = "image", .share = 1}};
  set_capacities(evidence.stages);
  return evidence;
}

}  // namespace headrace::observe

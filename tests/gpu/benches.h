// What the way to the device and the kernels reach, beside what the hardware gives a bare copy.
// Thread safety: one thread.
#pragma once

#include <vector>

#include "headrace/bench/table.h"
#include "headrace/device/device.h"
#include "headrace/kernels/launcher.h"

namespace headrace::gpu {

// Its items are counted by whoever calls; `work` ends when the device has.
template <typename Work>
bench::Sample timed(double items, Work work) {
  const double cpu_s = bench::process_cpu_s(), from_s = bench::now_s();
  work();
  return {
      .items = items, .wall_s = bench::now_s() - from_s, .cpu_s = bench::process_cpu_s() - cpu_s};
}

struct BenchSize {
  size_t batch_bytes = size_t{38} << 20;  // 256 pictures of 224 x 224 x 3 bytes
  uint32_t batch_count = 64;              // a round
  uint32_t picture_count = 256;
};
// Host to device through slots, as against bare copies of pinned memory, which are its limit.
std::vector<bench::Row> bench_copies(const device::Device& device, const BenchSize& size,
                                     const bench::Rounds& rounds);
// The fused kernel's bytes (crops read, batch written), as against a copy on the device, whose
// bytes are read and written too.
std::vector<bench::Row> bench_pictures(const device::Device& device,
                                       const kernels::Launcher& launcher, const BenchSize& size,
                                       const bench::Rounds& rounds);
// Copies and kernels alone and together. The last row is the share of the shorter of the two that
// the longer hides.
std::vector<bench::Row> bench_overlap(const device::Device& device,
                                      const kernels::Launcher& launcher, const BenchSize& size,
                                      const bench::Rounds& rounds);

}  // namespace headrace::gpu

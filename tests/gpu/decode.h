// Pictures decoded and fields unpacked on a device: the kernels against the CPU's decoder, nvJPEG
// near it, nvCOMP exact; and what each reaches in a second. A library that is not there is told of.
// Thread safety: one thread.
#pragma once

#include "benches.h"
#include "checks.h"

namespace headrace::gpu {

struct Libraries {
  std::string nvjpeg = {};
  std::string nvcomp = "libnvcomp.so.5";
};

// Need no GPU: the twins of the JPEG kernels.
std::vector<Check> check_decode_twins();
std::vector<Check> check_decoding(const device::Device& device, const kernels::Launcher& launcher,
                                  const Libraries& libraries);
// The first row is the CPU's decoder on one core; the kernels and nvJPEG as against it.
std::vector<bench::Row> bench_decoding(const device::Device& device,
                                       const kernels::Launcher& launcher,
                                       const Libraries& libraries, const BenchSize& size,
                                       const bench::Rounds& rounds);
std::vector<bench::Row> bench_unpacking(const device::Device& device, const Libraries& libraries,
                                        const BenchSize& size, const bench::Rounds& rounds);

}  // namespace headrace::gpu

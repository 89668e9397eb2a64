// Do jobs whose rows are read or made on the device give what the host gives? By the loader itself,
// over the libraries that are there; one that is not is told of. Thread safety: one thread.
#pragma once

#include "checks.h"
#include "decode.h"

namespace headrace::gpu {

struct JobLibraries {
  std::string driver = "libcuda.so.1";
  std::string cufile = "libcufile.so.0";
  Libraries decoders = {};
  std::span<const std::byte> kernels = {};
};

std::vector<Check> check_jobs(const JobLibraries& libraries);

}  // namespace headrace::gpu

// The method of loaders built on Linux AIO: hand over a batch of reads, wait for all of it, then
// the next batch. Thread safety: one thread. Invariant: the kernel holds no buffer when a call
// returns.
#pragma once

#include <cstdint>
#include <string>

#include "headrace/bench/table.h"

namespace headrace::bench {

struct LibaioOptions {
  std::string path = {};
  uint64_t block_bytes = 0;
  uint32_t batch = 64;
  bool direct = false;
  double seconds = 1;
  uint64_t seed = 0;
};
// Random blocks, each once at most. Throws Error.
Sample read_by_libaio(const LibaioOptions& options);

}  // namespace headrace::bench

// Which neighbors one read should bring together. Pure; thread safety: values.
// Invariants: (1) every extent is served exactly once, in the order given; (2) only extents of one
// file, ascending and near, share a read; (3) a run that holds more than one extent is at most
// `most_bytes` long.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace::io {

struct Extent {
  uint32_t file_index = 0;
  uint64_t offset_bytes = 0;
  uint64_t length_bytes = 0;
};

struct CoalesceLimits {
  uint64_t gap_bytes = uint64_t{16} << 10;  // what may lie unwanted between two neighbors
  uint64_t most_bytes = uint64_t{1} << 20;  // a whole run, gaps included
};

// One read that serves the first `count` extents.
struct Run {
  uint32_t file_index = 0;
  uint64_t offset_bytes = 0;
  uint64_t length_bytes = 0;
  size_t count = 0;
};

// The run that starts with the first extent; count is 0 only when there are none. Call again with
// the rest.
Run first_run(std::span<const Extent> extents, const CoalesceLimits& limits);

}  // namespace headrace::io

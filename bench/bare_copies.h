// What memory itself gives small samples: their bytes, in the order of a shuffle, copied to where
// batches would be made; no order, index, queue or thread hand-over. The line that
// ./run bench small is held against. Thread safety: one thread; copying starts its own.
#pragma once

#include <cstddef>
#include <vector>

#include "headrace/bench/table.h"
#include "headrace/formats/dataset.h"
#include "headrace/loader/resident.h"

namespace headrace::bench {

struct CopyOptions {
  size_t row_bytes = 0;
  size_t target_bytes = 0;  // of each thread; filled round and round
  uint32_t threads = 1;
  double seconds = 1;
};

// Where each sample's `field` lies in memory, shuffled.
std::vector<const std::byte*> shuffled_rows(const formats::Dataset& dataset,
                                            const loader::Resident& resident, size_t field);

Sample copy_rows(const std::vector<const std::byte*>& rows, const CopyOptions& options);

}  // namespace headrace::bench

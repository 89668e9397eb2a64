// How a run starts: a process of its own opens a data set, takes one batch and ends. Measured from
// before the process exists to its first batch, with its peak memory. Thread safety: one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "headrace/bench/table.h"

namespace headrace::bench {

struct StartCase {
  std::string name;
  std::string path;    // of the data set
  std::string preset;  // "imagenet", or "bin": the field of formats/huge_set.h
};

// Three rows a case: the first batch, the peak of resident memory, and how much of that is not
// slots (MB). Median of `rounds`, the cases in turn.
std::vector<Row> measure_starts(const std::vector<StartCase>& cases, uint32_t rounds);

// The process of one case: argv = PROGRAM --first-batch PATH PRESET BEGIN_NS. Prints what the
// parent reads.
inline constexpr const char* k_first_batch_flag = "--first-batch";
int run_first_batch(char** argv);

}  // namespace headrace::bench

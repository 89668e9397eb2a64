// fio, tuned, on one setting of a sweep: its command line and its figures.
// Thread safety: any thread. Invariants: (1) fio only reads; (2) hostile output ends in an Error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "headrace/bench/sweep.h"
#include "headrace/bench/table.h"

namespace headrace::bench {

struct FioJob {
  Setting setting = {};
  std::string path = {};
  double run_s = 0.5;
  bool huge_pages = false;  // for its buffers; ours are on huge pages
};
// Whether /proc/meminfo tells of enough reserved huge pages for both sides' buffers.
bool huge_pages_for(const Setting& setting, std::string_view meminfo);
std::vector<std::string> fio_words(const FioJob& job);
// From fio's JSON: bytes, seconds of the job, and its processor time. Throws Error.
Sample fio_sample(std::string_view json, uint32_t threads);

// Throws Error: there is no fio (and how to get it), or it failed (with its own words).
Sample run_fio(const FioJob& job);
// "fio-3.33"; throws Error as run_fio().
std::string fio_version();

}  // namespace headrace::bench

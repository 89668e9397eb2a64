// What an examination comes to, in three lines: the verdict, its evidence, what to do next.
// Thread safety: pure functions.
#pragma once

#include <string>

#include "headrace/doctor/examine.h"

namespace headrace::doctor {

struct Verdict {
  Level level = Level::ok;
  std::string sentence = {};  // "reads reach 0.61 GB/s, below the 3.94 GB/s that ..."
  std::string path = {};      // "/data: xfs on /data, nvme0n1 (NVMe)"
  std::string probe = {};     // "1 MiB random reads, 32 in flight, direct, by uring: p50 ..."
  std::string next = {};
};
Verdict verdict_of(const Examination& examination);

}  // namespace headrace::doctor

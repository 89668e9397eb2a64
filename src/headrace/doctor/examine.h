// One examination: the path, the probe, every check that is about this path, and a verdict.
// Thread safety: one thread. Nothing on the machine is changed.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/doctor/checks.h"
#include "headrace/doctor/grade.h"

namespace headrace::doctor {

// One check's line. Where a check has several subjects, it is about the worst of them.
struct Finding {
  std::string id = {};
  Level level = Level::ok;
  std::string value = {};  // "nvme0n1 x2 of x4"
  std::string want = {};
  std::string why = {};
  std::string fix = {};
  std::vector<std::string> commands = {};
};

struct Examination {
  Situation situation = {};
  Expectation expectation = {};
  Standing standing = Standing::unknown;
  std::vector<Finding> findings = {};    // the worst first, then as checks are listed
  std::vector<std::string> absent = {};  // ids of checks that are not about this path
  Level level() const;                   // of the worst finding
  bool interrupted() const { return situation.probe && situation.probe->stopped; }
};

struct ExamineOptions {
  std::vector<std::string> only = {};  // ids, or groups ("nfs"); none = all
  bool probe = true;
  double expected_bytes_per_s = 0;  // what the caller was promised; 0 = what the machine says
  ProbeOptions probing = {};
};

// `situation` has path, use and sample. Throws Error: an unknown id in `only` (with the nearest),
// or what the probe cannot go on with.
Examination examine(const Host& host, Situation situation, const ExamineOptions& options);

// "blk" and "blk.depth" choose "blk.depth".
bool chooses(std::string_view choice, std::string_view id);

}  // namespace headrace::doctor

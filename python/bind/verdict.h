// What the loader's binding and a foreign loop's share: stages that Python timed, and a verdict as
// Python sees it. Thread safety: values; as_dict wants Python's lock.
#pragma once

#include <nanobind/nanobind.h>

#include <cstdint>
#include <string>

#include "headrace/observe/verdict.h"

namespace headrace::python {

struct ForeignStage {
  std::string name;
  double busy_s = 0;
  uint64_t items = 0;  // samples
};

struct ForeignLoop {
  double window_s = 0;
  double wait_s = 0;
  uint64_t steps = 0;
  uint64_t samples = 0;
};

observe::StageRecord stage_of(const ForeignStage& stage);
nanobind::dict as_dict(const observe::Verdict& verdict, const observe::Evidence& evidence);

}  // namespace headrace::python

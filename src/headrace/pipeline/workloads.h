// The training workloads of MLPerf Storage: how long a step computes and how many samples it takes.
// Source: mlcommons/storage, configs/dlio/workload (v2.0). Thread safety: constants.
#pragma once

#include "headrace/pipeline/job.h"

namespace headrace::pipeline {

struct Workload {
  double step_ms = 0;
  uint64_t batch_size = 0;
  uint64_t sample_bytes = 0;           // mean
  double least_utilization = 0;        // share of a step that must be computing for a run to pass
  double samples_per_second() const {  // that one accelerator takes when it never waits
    return static_cast<double>(batch_size) / step_ms * 1000;
  }
};
Workload workload_of(WorkloadName name, Accelerator accelerator);  // not for `none`

// The job with the workload's step and batch in place of its own; unchanged when it names none.
Job with_workload(Job job);

}  // namespace headrace::pipeline

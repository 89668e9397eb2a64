// The table of workloads.
#include "headrace/pipeline/workloads.h"

#include "headrace/base/check.h"

namespace headrace::pipeline {

Workload workload_of(WorkloadName name, Accelerator accelerator) {
  const bool h100 = accelerator == Accelerator::h100;
  switch (name) {
    case WorkloadName::unet3d:
      return {.step_ms = h100 ? 323.0 : 636.0,
              .batch_size = 7,
              .sample_bytes = 146'600'000,
              .least_utilization = 0.9};
    case WorkloadName::resnet50:
      return {.step_ms = h100 ? 224.0 : 435.0,
              .batch_size = 400,
              .sample_bytes = 114'660,
              .least_utilization = 0.9};
    case WorkloadName::cosmoflow:
      return {.step_ms = h100 ? 3.5 : 5.51,
              .batch_size = 1,
              .sample_bytes = 2'828'486,
              .least_utilization = 0.7};
    case WorkloadName::none:
      break;
  }
  HR_CHECK(name != WorkloadName::none, "none is no workload");
  return {};
}

Job with_workload(Job job) {
  if (job.device.workload == WorkloadName::none) return job;
  const Workload workload = workload_of(job.device.workload, job.device.accelerator);
  job.device.step_ms = workload.step_ms;
  job.batch.size = workload.batch_size;
  return job;
}

}  // namespace headrace::pipeline

// The rates that the workloads' rules come to.
#include "headrace/pipeline/workloads.h"

#include <gtest/gtest.h>

namespace headrace::pipeline {
namespace {

TEST(Workloads, ask_for_the_rates_that_the_rules_come_to) {
  const Workload resnet50 = workload_of(WorkloadName::resnet50, Accelerator::h100);
  EXPECT_NEAR(resnet50.samples_per_second(), 1786, 1);
  const Workload unet3d = workload_of(WorkloadName::unet3d, Accelerator::h100);
  EXPECT_NEAR(unet3d.samples_per_second() * static_cast<double>(unet3d.sample_bytes), 3.18e9, 1e7);
  EXPECT_EQ(workload_of(WorkloadName::cosmoflow, Accelerator::a100).step_ms, 5.51);
}

TEST(Workloads, of_no_name_are_a_bug) {
  EXPECT_DEATH(workload_of(WorkloadName::none, Accelerator::h100), "none");
}

}  // namespace
}  // namespace headrace::pipeline

// GPUs as the driver shows them, good and bad.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

const std::string k_gpu = R"(
proc/driver/nvidia/version: NVRM version: NVIDIA UNIX Open Kernel Module \
for x86_64  570.86.15  Release Build
proc/driver/nvidia/gpus/0000:17:00.0/information: Model: A GPU
sys/bus/pci/devices/0000:17:00.0/current_link_width: 16
sys/bus/pci/devices/0000:17:00.0/max_link_width: 16
sys/bus/pci/devices/0000:17:00.0/numa_node: 0
)";

CheckCase gpu(CheckCase one) {
  one.machine = k_nvme_machine + k_gpu;
  return one;
}

TEST(GpuChecks, judge_good_and_bad_gpus) {
  const std::string device = "sys/bus/pci/devices/0000:17:00.0/";
  expect_cases(
      gpu_checks(),
      {
          gpu({.id = "gpu.driver", .value = "570.86.15, open modules"}),
          gpu({.id = "gpu.driver",
               .lines = "proc/driver/nvidia/version: NVRM version: NVIDIA UNIX x86_64 Kernel "
                        "Module  535.54.03  Tue",
               .weight = Weight::told,
               .value = "535.54.03, proprietary modules"}),
          gpu({.id = "gpu.link", .value = "x16"}),
          gpu({.id = "gpu.link",
               .lines = device + "current_link_width: 8",
               .weight = Weight::slows,
               .value = "x8"}),
          gpu({.id = "gpu.node", .value = "node 0, the data's disk node 0"}),
          gpu({.id = "gpu.node",
               .lines = device + "numa_node: 1",
               .weight = Weight::told,
               .value = "node 1, the data's disk node 0"}),
      });
}

TEST(GpuChecks, do_not_apply_without_a_gpu_or_to_names_that_are_no_address) {
  for (const Check& check : gpu_checks()) {
    EXPECT_FALSE(applies(gpu_checks(), {.id = std::string(check.id)})) << check.id;
  }
  EXPECT_FALSE(
      applies(gpu_checks(), {.id = "gpu.link", .lines = "proc/driver/nvidia/gpus/$(reboot)/x: 1"}));
}

}  // namespace
}  // namespace headrace::doctor

// GPUDirect Storage met and not met; every finding but a broken file is no more than a note.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

const std::string k_driver = "proc/driver/nvidia/version: NVRM version: NVIDIA\n";

CheckCase gds(CheckCase one) {
  one.machine = k_nvme_machine + k_driver;
  return one;
}

// A bridge above the drive whose access control register has this low byte.
std::string bridge(char control) {
  std::string config(0x110, '.');
  config[0x100] = '\x0d';  // the ACS capability, the last one
  config[0x101] = config[0x102] = config[0x103] = '\0';
  config[0x106] = control;
  config[0x107] = '\x01';
  return "sys/devices/pci0/config: " + config;
}

TEST(GdsChecks, judge_what_cufile_would_find) {
  expect_cases(
      gds_checks(),
      {
          gds({.id = "gds.mode",
               .lines =
                   "proc/driver/nvidia-fs/stats: GDS\nproc/driver/nvidia-fs/version: version: 2.25",
               .value = "nvidia-fs 2.25"}),
          gds({.id = "gds.mode",
               .lines = R"(etc/cufile.json: {"properties": {"use_pci_p2pdma": true}})",
               .value = "P2PDMA"}),
          gds({.id = "gds.mode", .weight = Weight::told, .value = "compatibility mode"}),
          gds({.id = "gds.json", .lines = "etc/cufile.json: { /* defaults */ }", .value = "sound"}),
          gds({.id = "gds.json",
               .lines = "etc/cufile.json: { oops",
               .weight = Weight::risk,
               .value = "no JSON from byte"}),
          gds({.id = "gds.json",
               .lines = R"(etc/cufile.json: {"properties": {"max_direct_io_size_kb": 64}})",
               .weight = Weight::told,
               .value = "max_direct_io_size_kb 64"}),
          gds({.id = "gds.json",
               .lines = R"(etc/cufile.json: {"properties": {"allow_compat_mode": false}})",
               .weight = Weight::told,
               .value = "allow_compat_mode false"}),
          gds({.id = "gds.iommu", .value = "off"}),
          gds({.id = "gds.iommu",
               .lines = "sys/class/iommu/dmar0/\nproc/cmdline: quiet iommu=pt",
               .value = "passes through"}),
          gds({.id = "gds.iommu",
               .lines = "sys/class/iommu/dmar0/\nproc/cmdline: quiet",
               .weight = Weight::told,
               .value = "on"}),
          gds({.id = "gds.acs", .value = "not told"}),
          gds({.id = "gds.acs", .lines = bridge('\x01'), .value = "off"}),
          gds({.id = "gds.acs",
               .lines = bridge('\x1d'),
               .weight = Weight::told,
               .value = "1 bridges redirect"}),
      });
}

TEST(GdsChecks, read_the_settings_that_the_environment_names) {
  CheckCase one = gds({.lines = "my/cufile.json: []"});
  one.set = [](Situation&, FakeKernel& kernel) {
    kernel.variables["CUFILE_ENV_PATH_JSON"] = "/my/cufile.json";
  };
  EXPECT_EQ(judged(*check_named(gds_checks(), "gds.json"), one).value,
            "the whole is not an object");
}

TEST(GdsChecks, leave_access_control_alone_in_virtual_machines_and_all_without_a_gpu) {
  const std::string guest = "proc/cpuinfo: flags\\t\\t: fpu hypervisor";
  EXPECT_FALSE(applies(gds_checks(), gds({.id = "gds.acs", .lines = guest})));
  EXPECT_FALSE(applies(gds_checks(), gds({.id = "gds.iommu", .lines = guest})));
  for (const Check& check : gds_checks()) {
    EXPECT_FALSE(applies(gds_checks(), {.id = std::string(check.id)})) << check.id;
  }
}

}  // namespace
}  // namespace headrace::doctor

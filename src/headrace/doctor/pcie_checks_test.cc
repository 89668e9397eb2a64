// Links and drives, good and bad.
#include "headrace/doctor/check_cases.h"
#include "headrace/doctor/checks.h"

namespace headrace::doctor {
namespace {

const std::string k_pci = "sys/devices/pci0/0000:01:00.0/";

TEST(PcieChecks, judge_good_and_bad_drives) {
  const std::string two_nodes = "sys/devices/system/node/online: 0-1\n";
  const std::string hwmon = k_pci + "nvme/nvme0/hwmon2/";
  expect_cases(pcie_checks(),
               {
                   {.id = "pcie.link", .value = "x4 at 16.0 GT/s"},
                   {.id = "pcie.link",
                    .lines = k_pci + "current_link_width: 2",
                    .weight = Weight::slows,
                    .value = "x2 at 16.0 GT/s"},
                   // An idle link trains down: its speed counts only under load.
                   {.id = "pcie.link",
                    .lines = k_pci + "current_link_speed: 2.5 GT/s PCIe",
                    .value = "x4 at 2.5 GT/s"},
                   {.id = "pcie.link",
                    .during = k_pci + "current_link_speed: 8.0 GT/s PCIe",
                    .weight = Weight::slows,
                    .value = "x4 at 8.0 GT/s"},
                   {.id = "pcie.errors",
                    .lines = k_pci + "aer_dev_correctable: RxErr 40\\nTOTAL_ERR_COR 40",
                    .during = k_pci + "aer_dev_correctable: RxErr 40\\nTOTAL_ERR_COR 40",
                    .value = "none during the probe"},
                   {.id = "pcie.errors",
                    .during = k_pci + "aer_dev_correctable: RxErr 3\\nTOTAL_ERR_COR 3",
                    .weight = Weight::risk,
                    .value = "3 corrected"},
                   {.id = "pcie.errors",
                    .lines = k_pci + "aer_dev_fatal: TOTAL_ERR_FATAL 1",
                    .weight = Weight::risk,
                    .value = "1 uncorrected"},
                   {.id = "pcie.node", .value = "one NUMA node"},
                   {.id = "pcie.node", .lines = two_nodes, .value = "NUMA node 0"},
                   {.id = "pcie.node",
                    .lines = two_nodes + k_pci + "numa_node: 1",
                    .weight = Weight::maybe,
                    .value = "NUMA node 1"},
                   {.id = "pcie.node",
                    .lines = two_nodes + k_pci + "numa_node: -1",
                    .weight = Weight::told,
                    .value = "unknown"},
                   {.id = "disk.health", .value = "live"},
                   {.id = "disk.health",
                    .lines = k_pci + "nvme/nvme0/state: resetting",
                    .weight = Weight::risk,
                    .value = "resetting"},
                   {.id = "disk.health",
                    .lines = hwmon + "temp1_input: 84850\n" + hwmon + "temp1_max: 84000",
                    .weight = Weight::risk,
                    .value = "84 degrees"},
                   {.id = "disk.health",
                    .lines = k_pci + "nvme/nvme0/ioerr_cnt: 0x2",
                    .during = k_pci + "nvme/nvme0/ioerr_cnt: 0x12",
                    .weight = Weight::risk,
                    .value = "16 I/O errors"},
               });
}

TEST(PcieChecks, leave_links_of_virtual_disks_alone) {
  const std::string cloud = k_pci + "nvme/nvme0/model: Amazon Elastic Block Store";
  EXPECT_FALSE(applies(pcie_checks(), {.id = "pcie.link", .lines = cloud}));
  EXPECT_FALSE(applies(pcie_checks(), {.id = "pcie.node", .machine = k_nfs_machine}));
}

}  // namespace
}  // namespace headrace::doctor

// The order of reports: the data's own file system first, then downwards, then the machine.
#include "headrace/doctor/checks.h"

namespace headrace::doctor {

std::vector<const Check*> all_checks() {
  std::vector<const Check*> all;
  for (const std::span<const Check> table :
       {mount_checks(), nfs_checks(), lustre_checks(), raid_checks(), block_checks(), pcie_checks(),
        network_checks(), store_checks(), uring_checks(), memory_checks(), cpu_checks(),
        gpu_checks(), gds_checks()}) {
    for (const Check& check : table) all.push_back(&check);
  }
  return all;
}

}  // namespace headrace::doctor

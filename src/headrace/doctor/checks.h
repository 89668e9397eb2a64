// All checks, a table a subject; docs/doctor.md has a row for each. Thread safety: constants.
#pragma once

#include <span>
#include <vector>

#include "headrace/doctor/check.h"

namespace headrace::doctor {

std::span<const Check> block_checks();
std::span<const Check> pcie_checks();
std::span<const Check> mount_checks();
std::span<const Check> nfs_checks();
std::span<const Check> lustre_checks();
std::span<const Check> raid_checks();
std::span<const Check> memory_checks();
std::span<const Check> uring_checks();
std::span<const Check> cpu_checks();
std::span<const Check> network_checks();
std::span<const Check> store_checks();
std::span<const Check> gpu_checks();
std::span<const Check> gds_checks();

// Every table, in the order that reports follow.
std::vector<const Check*> all_checks();

}  // namespace headrace::doctor

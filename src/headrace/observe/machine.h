// The facts of the machine that a figure was measured on.
// Thread safety: pure readings. `root` stands before /proc and /sys so that tests read fixtures.
#pragma once

#include <string>
#include <vector>

#include "headrace/observe/record.h"

namespace headrace::observe {

// `data_path`: whose file system is told; need not exist.
MachineRecord read_machine(const std::string& data_path, const std::string& root = "");
// Of data in several places: each file system, device and mount once.
MachineRecord read_machine(const std::vector<std::string>& data_paths,
                           const std::string& root = "");

// Processors that this process may use at once: its affinity, less the CPU quota of its control
// groups.
double usable_cores(const std::string& root = "");

}  // namespace headrace::observe

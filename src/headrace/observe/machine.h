// The facts of the machine that a figure was measured on.
// Thread safety: pure readings. `root` stands before /proc and /sys so that tests read fixtures.
#pragma once

#include <string>

#include "headrace/observe/record.h"

namespace headrace::observe {

// `data_path`: whose file system is told; need not exist.
MachineRecord read_machine(const std::string& data_path, const std::string& root = "");

// Processors that this process may use at once: its affinity, less the CPU quota of its control
// groups.
double usable_cores(const std::string& root = "");

// Where the path is mounted, from the text of /proc/self/mountinfo; fields are empty when no mount
// holds it.
struct MountFacts {
  std::string file_system = {};
  std::string device = {};
  std::string mount = {};
};
MountFacts mount_of(const std::string& absolute_path, const std::string& mountinfo);

}  // namespace headrace::observe

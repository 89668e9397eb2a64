// Where the control groups of this process lie, of both versions.
// Thread safety: pure readings. `root` stands before /proc and /sys so that tests read fixtures.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headrace::observe {

// The folders that bind this process for a controller ("cpu", "memory", "blkio", ...): its own
// group's and those of the groups above it, at most 32 for each hierarchy. Version 2 folders serve
// every controller and are always among them. A container sees its own group as "/".
std::vector<std::string> group_folders(const std::string& root, std::string_view controller);

}  // namespace headrace::observe

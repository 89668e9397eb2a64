// Lines of /proc/self/cgroup: "4:cpu,cpuacct:/a/b" of version 1, "0::/a/b" of version 2.
#include "headrace/observe/control_group.h"

#include "headrace/observe/proc_text.h"

namespace headrace::observe {

namespace {

constexpr int k_depth_limit = 32;

bool lists(std::string_view names, std::string_view controller) {
  const std::string padded = "," + std::string(names) + ",";
  return padded.find("," + std::string(controller) + ",") != std::string::npos;
}

// The group's own folder first, the top last.
void add_folders(std::vector<std::string>& folders, const std::string& top, std::string group) {
  for (int depth = 0; depth < k_depth_limit; ++depth) {
    while (group.ends_with('/')) group.pop_back();
    folders.push_back(top + group);
    const size_t slash = group.rfind('/');
    if (slash == std::string::npos) return;
    group.resize(slash);
  }
}

}  // namespace

std::vector<std::string> group_folders(const std::string& root, std::string_view controller) {
  std::vector<std::string> folders;
  const std::string groups = read_proc_text(root + "/proc/self/cgroup");
  for (const std::string_view line : lines_of(groups)) {
    const size_t first = line.find(':');
    const size_t second = first == line.npos ? line.npos : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view names = line.substr(first + 1, second - first - 1);
    const std::string group(line.substr(second + 1));
    const std::string top = root + "/sys/fs/cgroup";
    if (names.empty()) add_folders(folders, top, group);
    if (lists(names, controller)) add_folders(folders, top + "/" + std::string(controller), group);
  }
  return folders;
}

}  // namespace headrace::observe

// cpuinfo, meminfo and control groups (versions 1 and 2).
#include "headrace/observe/machine.h"

#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "headrace/observe/control_group.h"
#include "headrace/observe/mountinfo.h"
#include "headrace/observe/proc_text.h"

namespace headrace::observe {

namespace {

double affinity_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

double quota_of(uint64_t quota_us, uint64_t period_us) {
  return quota_us > 0 && period_us > 0
             ? static_cast<double>(quota_us) / static_cast<double>(period_us)
             : 0;
}

// The quota set in one group's folder, by either version; 0 = none.
double quota_in(const std::string& folder) {
  const std::string max = read_proc_text(folder + "/cpu.max");  // "max 100000" or "150000 100000"
  const auto words = words_of(std::string_view(max).substr(0, max.find('\n')));
  if (words.size() == 2) return quota_of(leading_number(words[0]), leading_number(words[1]));
  return quota_of(leading_number(read_proc_text(folder + "/cpu.cfs_quota_us")),
                  leading_number(read_proc_text(folder + "/cpu.cfs_period_us")));
}

std::string kernel_name() {
  utsname name{};
  if (::uname(&name) != 0) return {};
  return std::string(name.sysname) + " " + name.release;
}

void add_word(std::string& list, const std::string& word) {
  const std::string framed = ", " + list + ", ";
  if (framed.find(", " + word + ", ") == std::string::npos) list += ", " + word;
}

}  // namespace

double usable_cores(const std::string& root) {
  double cores = affinity_count();
  for (const std::string& folder : group_folders(root, "cpu")) {
    const double quota = quota_in(folder);
    if (quota > 0) cores = std::min(cores, quota);
  }
  return cores;
}

MachineRecord read_machine(const std::vector<std::string>& data_paths, const std::string& root) {
  if (data_paths.empty()) return read_machine(std::string(), root);
  MachineRecord machine = read_machine(data_paths.front(), root);
  for (const std::string& path : std::span(data_paths).subspan(1)) {
    const MachineRecord other = read_machine(path, root);
    add_word(machine.file_system, other.file_system);
    add_word(machine.device, other.device);
    add_word(machine.mount, other.mount);
  }
  return machine;
}

MachineRecord read_machine(const std::string& data_path, const std::string& root) {
  std::error_code error;
  const auto path = std::filesystem::weakly_canonical(std::filesystem::absolute(data_path), error);
  const auto mounts = parse_mountinfo(read_proc_text(root + "/proc/self/mountinfo"));
  const Mount* holder = mount_holding(mounts, error ? data_path : path.string());
  const Mount mount = holder == nullptr ? Mount() : *holder;
  const std::string cpuinfo = read_proc_text(root + "/proc/cpuinfo");
  const std::string meminfo = read_proc_text(root + "/proc/meminfo");
  return {.cpu_model = std::string(line_after(cpuinfo, "model name")),
          .cores = usable_cores(root),
          .memory_bytes = leading_number(line_after(meminfo, "MemTotal:")) * 1024,
          .kernel = kernel_name(),
          .file_system = mount.file_system,
          .device = mount.source,
          .mount = mount.folder};
}

}  // namespace headrace::observe

// cpuinfo, meminfo, control groups (versions 1 and 2) and mountinfo.
#include "headrace/observe/machine.h"

#include <sched.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <vector>

#include "headrace/observe/proc_text.h"

namespace headrace::observe {

namespace {

constexpr int k_group_depth_limit = 32;

double affinity_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
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

// The least quota of a group and the groups above it; a container sees its own group as "/".
double least_quota(const std::string& top, std::string group) {
  double least = 0;
  for (int depth = 0; depth < k_group_depth_limit; ++depth) {
    const double quota = quota_in(top + group);
    if (quota > 0 && (least == 0 || quota < least)) least = quota;
    const size_t slash = group.rfind('/');
    if (group.empty() || slash == std::string::npos) break;
    group.resize(slash);
  }
  return least;
}

// "\040" and its like stand for spaces, tabs, newlines and backslashes in mountinfo.
std::string unescaped(std::string_view text) {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && i + 3 < text.size() && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      result += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
                                  (text[i + 3] - '0'));
      i += 3;
    } else {
      result += text[i];
    }
  }
  return result;
}

bool holds(std::string_view mount, std::string_view path) {
  if (mount == "/") return path.starts_with('/');
  return path == mount || (path.starts_with(mount) && path[mount.size()] == '/');
}

std::string kernel_name() {
  utsname name{};
  if (::uname(&name) != 0) return {};
  return std::string(name.sysname) + " " + name.release;
}

}  // namespace

double usable_cores(const std::string& root) {
  double cores = affinity_count();
  const std::string groups = read_proc_text(root + "/proc/self/cgroup");
  const std::string top = root + "/sys/fs/cgroup";
  for (std::string_view rest = groups; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);  // "4:cpu,cpuacct:/a/b" or "0::/a/b"
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const size_t first = line.find(':');
    const size_t second = line.find(':', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) continue;
    const std::string_view names = line.substr(first + 1, second - first - 1);
    const std::string group(line.substr(second + 1));
    const bool version_1 = names == "cpu" || names.starts_with("cpu,") || names.ends_with(",cpu");
    if (!names.empty() && !version_1) continue;
    const double quota = least_quota(version_1 ? top + "/cpu" : top, group);
    if (quota > 0) cores = std::min(cores, quota);
  }
  return cores;
}

MountFacts mount_of(const std::string& absolute_path, const std::string& mountinfo) {
  MountFacts best;
  for (std::string_view rest = mountinfo; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const auto words = words_of(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto dash = std::ranges::find(words, std::string_view("-"));
    if (words.size() < 7 || words.end() - dash < 3) continue;
    std::string mount = unescaped(words[4]);
    // A later mount on the same place hides the earlier one.
    if (!holds(mount, absolute_path) || mount.size() < best.mount.size()) continue;
    best = {.file_system = std::string(dash[1]),
            .device = unescaped(dash[2]),
            .mount = std::move(mount)};
  }
  return best;
}

MachineRecord read_machine(const std::string& data_path, const std::string& root) {
  std::error_code error;
  const auto path = std::filesystem::weakly_canonical(std::filesystem::absolute(data_path), error);
  const MountFacts mount =
      mount_of(error ? data_path : path.string(), read_proc_text(root + "/proc/self/mountinfo"));
  const std::string cpuinfo = read_proc_text(root + "/proc/cpuinfo");
  const std::string meminfo = read_proc_text(root + "/proc/meminfo");
  return {.cpu_model = std::string(line_after(cpuinfo, "model name")),
          .cores = usable_cores(root),
          .memory_bytes = leading_number(line_after(meminfo, "MemTotal:")) * 1024,
          .kernel = kernel_name(),
          .file_system = mount.file_system,
          .device = mount.device,
          .mount = mount.mount};
}

}  // namespace headrace::observe

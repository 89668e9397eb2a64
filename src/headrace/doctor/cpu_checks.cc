// CPU time that this process gets: its frequency, what a hypervisor takes, what control groups
// allow.
#include "headrace/base/sizes.h"
#include "headrace/doctor/checks.h"
#include "headrace/doctor/io_limit.h"
#include "headrace/observe/control_group.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr double k_steal_share = 0.05;
constexpr double k_throttled_share = 0.01;

constexpr const char* k_governor = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor";

Subjects scaled_cpus(const Host& host, const Situation&) {
  return host.has(k_governor) ? Subjects{""} : Subjects{};
}

Judgment judge_governor(const Evidence& evidence) {
  const std::string& governor = evidence.loaded.text;
  if (governor == "performance") return {.value = governor};
  return {.weight = Weight::told,
          .value = governor,
          .commands = {"cpupower frequency-set -g performance"}};
}

// Shares of /proc/stat's first line: cpu user nice system idle iowait irq softirq steal.
Judgment judge_steal(const Evidence& evidence) {
  const auto times = [](const Reading& reading) {
    std::vector<double> values;
    for (const auto word : observe::words_of(observe::line_after(reading.text, "cpu "))) {
      if (values.size() < 8) values.push_back(static_cast<double>(observe::leading_number(word)));
    }
    values.resize(8);
    return values;
  };
  if (!evidence.under_load) return {.value = "not judged without a probe"};
  const auto before = times(evidence.before);
  const auto loaded = times(evidence.loaded);
  double total = 0;
  for (size_t i = 0; i < before.size(); ++i) total += loaded[i] - before[i];
  const double share = total > 0 ? (loaded[7] - before[7]) / total : 0;
  return {.weight = share > k_steal_share ? Weight::maybe : Weight::fine,
          .value = fmt::format("{:.1f} % stolen", share * 100)};
}

// Periods, throttled periods and the time of it, summed over the groups that bind this process.
Reading read_throttling(const Host& host, const Situation&, const std::string&) {
  uint64_t periods = 0;
  uint64_t throttled = 0;
  for (std::string folder : observe::group_folders(host.root(), "cpu")) {
    folder.erase(0, host.root().size());
    const std::string stat = host.text(folder + "/cpu.stat");
    periods += observe::leading_number(observe::line_after(stat, "nr_periods"));
    throttled += observe::leading_number(observe::line_after(stat, "nr_throttled"));
  }
  return {.number = throttled, .other = periods};
}

Judgment judge_throttling(const Evidence& evidence) {
  if (!evidence.under_load) return {.value = "not judged without a probe"};
  const auto growth = [](std::optional<uint64_t> before, std::optional<uint64_t> loaded) {
    return static_cast<double>(loaded.value_or(0) - before.value_or(0));
  };
  const double periods = growth(evidence.before.other, evidence.loaded.other);
  const double throttled = growth(evidence.before.number, evidence.loaded.number);
  if (periods <= 0) return {.value = "no quota"};
  return {.weight = throttled / periods > k_throttled_share ? Weight::slows : Weight::fine,
          .value = fmt::format("held back in {:.0f} of {:.0f} periods", throttled, periods)};
}

Subjects limited_devices(const Host&, const Situation& situation) {
  Subjects names;
  for (const BlockDevice& device : situation.path.devices) names.push_back(device.name);
  return names;
}

Judgment judge_io_limit(const Evidence& evidence) {
  if (!evidence.loaded.number) return {.value = "none"};
  return {.weight = Weight::told,
          .value = fmt::format("{}/s of reads at most", format_size(*evidence.loaded.number))};
}

// How often the group's memory was reclaimed because it came near its limit.
Reading read_reclaims(const Host& host, const Situation&, const std::string&) {
  uint64_t count = 0;
  for (std::string folder : observe::group_folders(host.root(), "memory")) {
    folder.erase(0, host.root().size());
    const std::string events = host.text(folder + "/memory.events");
    count += observe::leading_number(observe::line_after(events, "high ")) +
             observe::leading_number(observe::line_after(events, "max ")) +
             host.number(folder + "/memory.failcnt").value_or(0);
  }
  return {.number = count};
}

Judgment judge_reclaims(const Evidence& evidence) {
  if (!evidence.under_load) return {.value = "not judged without a probe"};
  const uint64_t grown = evidence.loaded.number.value_or(0) - evidence.before.number.value_or(0);
  return {.weight = grown > 0 ? Weight::maybe : Weight::fine,
          .value = fmt::format("{} times at its limit during the probe", grown)};
}

constexpr Check k_cpu_checks[] = {
    {.id = "cpu.governor",
     .reads = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
     .want = "performance (tuned's throughput-performance)",
     .why = "a CPU that waits for I/O is clocked down, and each completion takes longer",
     .fix = "cpupower frequency-set -g performance",
     .subjects = scaled_cpus,
     .read = [](const Host& host, const Situation&,
                const std::string&) { return Reading{.text = host.text(k_governor)}; },
     .judge = judge_governor},
    {.id = "cpu.steal",
     .reads = "/proc/stat before and during the probe",
     .want = "less than 5 % stolen",
     .why = "the hypervisor gave this machine's CPUs to others",
     .fix = "another host, or CPUs of its own (dedicated)",
     .subjects = whole_machine,
     .read = [](const Host& host, const Situation&,
                const std::string&) { return Reading{.text = host.text("/proc/stat")}; },
     .judge = judge_steal},
    {.id = "group.cpu",
     .reads = "cpu.stat of the control groups before and during the probe",
     .want = "never held back",
     .why = "threads stand still until the next period once the quota is used up",
     .fix = "raise the container's CPU limit, or lower loader.workers to it",
     .subjects = whole_machine,
     .read = read_throttling,
     .judge = judge_throttling},
    {.id = "group.io",
     .reads = "io.max and blkio.throttle.read_bps_device of the control groups",
     .want = "no limit on a device that the data comes through",
     .why = "the kernel makes each read wait until the limit allows it",
     .fix = "raise the limit where the container or the service is described",
     .subjects = limited_devices,
     .read =
         [](const Host& host, const Situation& situation, const std::string& name) {
           const auto& devices = situation.path.devices;
           const auto device = std::ranges::find(devices, name, &BlockDevice::name);
           return Reading{.number = device == devices.end() ? std::nullopt
                                                            : read_limit(host, device->number)};
         },
     .judge = judge_io_limit},
    {.id = "group.memory",
     .reads = "memory.events and memory.failcnt of the control groups before and during the probe",
     .want = "room for the page cache",
     .why = "the group's own pages are taken back at each read that needs new ones",
     .fix = "raise the container's memory limit, or read with --cache direct",
     .subjects = whole_machine,
     .read = read_reclaims,
     .judge = judge_reclaims},
};

}  // namespace

std::span<const Check> cpu_checks() { return k_cpu_checks; }

}  // namespace headrace::doctor

// The PCI functions of the disks on the path, and the drives' own health.
#include <charconv>

#include "headrace/doctor/checks.h"
#include "headrace/doctor/expectation.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

std::string pci_of(const Situation& situation, const std::string& name) {
  const Disk* disk = disk_of(situation, name);
  return disk == nullptr ? "" : disk->pci_folder;
}

// Disks with a link that is real: a hypervisor's is not.
Subjects linked_disks(const Host& host, const Situation& situation) {
  Subjects names;
  for (const Disk& disk : situation.path.disks) {
    const bool real = !disk.pci_folder.empty() && disk.media != Media::hypervisor;
    if (real && host.has(disk.pci_folder + "/max_link_width")) names.push_back(disk.name);
  }
  return names;
}

Reading read_link(const Host& host, const Situation& situation, const std::string& name) {
  const std::string folder = pci_of(situation, name);
  return {.text = host.text(folder + "/current_link_speed") + "\n" +
                  host.text(folder + "/max_link_speed"),
          .number = host.number(folder + "/current_link_width"),
          .other = host.number(folder + "/max_link_width")};
}

Judgment judge_link(const Evidence& evidence) {
  const uint64_t width = evidence.loaded.number.value_or(0);
  const uint64_t full_width = evidence.loaded.other.value_or(0);
  const auto speeds = observe::lines_of(evidence.loaded.text);
  if (speeds.size() != 2 || width == 0 || full_width == 0 || full_width > 64) {
    return {.value = "not told"};
  }
  const bool slow = lane_bytes_per_s(speeds[0]) < lane_bytes_per_s(speeds[1]);
  Judgment judgment{.value = fmt::format("x{} at {}", width, speeds[0]),
                    .want = fmt::format("x{} at {}", full_width, speeds[1])};
  // An idle link trains down to save power: its speed counts only with reads in flight.
  if (width < full_width || (slow && evidence.under_load)) judgment.weight = Weight::slows;
  return judgment;
}

Reading read_link_errors(const Host& host, const Situation& situation, const std::string& name) {
  const std::string folder = pci_of(situation, name);
  const auto total = [&](const char* file, std::string_view key) {
    return observe::leading_number(observe::line_after(host.text(folder + file), key));
  };
  return {.number = total("/aer_dev_correctable", "TOTAL_ERR_COR"),
          .other = total("/aer_dev_fatal", "TOTAL_ERR_FATAL") +
                   total("/aer_dev_nonfatal", "TOTAL_ERR_NONFATAL")};
}

Judgment judge_link_errors(const Evidence& evidence) {
  const uint64_t grown = evidence.loaded.number.value_or(0) - evidence.before.number.value_or(0);
  const uint64_t uncorrected = evidence.loaded.other.value_or(0);
  if (grown == 0 && uncorrected == 0) {
    return {.value = evidence.under_load ? "none during the probe" : "none uncorrected"};
  }
  return {
      .weight = Weight::risk,
      .value = fmt::format("{} corrected during the probe, {} uncorrected", grown, uncorrected)};
}

// "0-3,8": whether the list of NUMA nodes holds the node.
bool list_holds(std::string_view list, uint64_t node) {
  while (!list.empty()) {
    const std::string_view range = list.substr(0, list.find(','));
    list.remove_prefix(std::min(range.size() + 1, list.size()));
    const size_t dash = range.find('-');
    const auto first = number_in(range.substr(0, dash));
    const auto last = dash == range.npos ? first : number_in(range.substr(dash + 1));
    if (first && last && node >= *first && node <= *last) return true;
  }
  return false;
}

Subjects disks_with_pci(const Host&, const Situation& situation) {
  Subjects names;
  for (const Disk& disk : situation.path.disks) {
    if (!disk.pci_folder.empty()) names.push_back(disk.name);
  }
  return names;
}

Reading read_node(const Host& host, const Situation& situation, const std::string& name) {
  const std::string status = host.text("/proc/self/status");
  // "0" or "" = a machine with one node, where nothing can be far.
  return {.text = std::string(observe::line_after(status, "Mems_allowed_list")) + "\n" +
                  host.text("/sys/devices/system/node/online"),
          .number = host.number(pci_of(situation, name) + "/numa_node")};
}

Judgment judge_node(const Evidence& evidence) {
  const auto lists = observe::lines_of(evidence.loaded.text);
  const std::string_view online = lists.size() == 2 ? lists[1] : "0";
  if (online == "0") return {.value = "one NUMA node"};
  if (!evidence.loaded.number) {
    return {.weight = Weight::told,
            .value = "NUMA node unknown",
            .why = "the firmware does not say where the device is, as in virtual machines",
            .fix = "nothing, unless the probe is slow: then pin by trial (numactl -N 0, -N 1)"};
  }
  const uint64_t node = *evidence.loaded.number;
  Judgment judgment{.value = fmt::format("NUMA node {}", node)};
  if (list_holds(lists[0], node)) return judgment;
  judgment.weight = Weight::maybe;
  judgment.fix =
      fmt::format("start under numactl -N {0} -m {0}, or allow node {0} in the cpuset", node);
  return judgment;
}

// What an NVMe controller and a SCSI device say of themselves.
Reading read_health(const Host& host, const Situation&, const std::string& name) {
  const std::string device = "/sys/class/block/" + name + "/device";
  Reading reading{.text = host.text(device + "/state")};
  // Hexadecimal with 0x, counted by the SCSI layer since the start.
  const std::string errors = host.text(device + "/ioerr_cnt");
  if (errors.starts_with("0x")) {
    uint64_t count = 0;
    std::from_chars(errors.data() + 2, errors.data() + errors.size(), count, 16);
    reading.number = count;
  }
  for (const std::string& entry : host.names(device)) {
    if (!entry.starts_with("hwmon")) continue;
    const auto now = host.number(device + "/" + entry + "/temp1_input");
    const auto limit = host.number(device + "/" + entry + "/temp1_max");
    if (now && limit && *now >= *limit) reading.other = *now / 1000;
  }
  return reading;
}

Judgment judge_health(const Evidence& evidence) {
  const std::string& state = evidence.loaded.text;
  const uint64_t grown = evidence.loaded.number.value_or(0) - evidence.before.number.value_or(0);
  if (!state.empty() && state != "live" && state != "running") {
    return {.weight = Weight::risk, .value = state};
  }
  if (evidence.loaded.other) {
    return {.weight = Weight::risk,
            .value = fmt::format("{} degrees, at its limit", *evidence.loaded.other),
            .why = "a hot drive throttles itself",
            .fix = "more air: fans, dust, a slot that gets some"};
  }
  if (grown > 0) {
    return {.weight = Weight::risk, .value = fmt::format("{} I/O errors during the probe", grown)};
  }
  return {.value = state.empty() ? "nothing told" : state};
}

constexpr Check k_pcie_checks[] = {
    {.id = "pcie.link",
     .reads = "current and max_link_speed, current and max_link_width of the disk's PCI function, "
              "with reads in flight",
     .want = "full width; full speed under load",
     .why = "half the lanes, or one generation less, carry half the bytes",
     .fix = "seat the drive again, try another slot or cable, look at the BIOS's link settings",
     .subjects = linked_disks,
     .read = read_link,
     .judge = judge_link},
    {.id = "pcie.errors",
     .reads = "aer_dev_correctable, aer_dev_nonfatal and aer_dev_fatal of the disk's PCI function, "
              "before and during the probe",
     .want = "no growth, nothing uncorrected",
     .why = "each error is a packet that was sent again",
     .fix = "seat the drive again, then try another riser, cable or slot",
     .subjects = linked_disks,
     .read = read_link_errors,
     .judge = judge_link_errors},
    {.id = "pcie.node",
     .reads = "numa_node of the disk's PCI function, Mems_allowed_list in /proc/self/status, "
              "/sys/devices/system/node/online",
     .want = "the node that this process may use",
     .why = "bytes cross the link between the sockets otherwise",
     .fix = "start under numactl -N NODE -m NODE",
     .subjects = disks_with_pci,
     .read = read_node,
     .judge = judge_node},
    {.id = "disk.health",
     .reads = "state, ioerr_cnt and hwmon*/{temp1_input,temp1_max} of the disk's device",
     .want = "live, cool, no errors",
     .why = "a drive that fails or throttles takes the training with it",
     .fix = "smartctl -a or nvme smart-log says more; replace the drive",
     .subjects = disks_on_path,
     .read = read_health,
     .judge = judge_health},
};

}  // namespace

std::span<const Check> pcie_checks() { return k_pcie_checks; }

}  // namespace headrace::doctor

// GPUs as the NVIDIA driver shows them under /proc and sysfs: nothing is asked of the GPU itself.
#include "headrace/doctor/checks.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

std::string pci_of(const std::string& gpu) { return "/sys/bus/pci/devices/" + gpu + "/"; }

bool is_pci_address(std::string_view name) {  // "0000:17:00.0"
  return name.size() == 12 &&
         name.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

Subjects driver(const Host& host, const Situation&) {
  return host.has("/proc/driver/nvidia/version") ? Subjects{""} : Subjects{};
}

Subjects gpus(const Host& host, const Situation&) {
  Subjects addresses = host.names("/proc/driver/nvidia/gpus");
  std::erase_if(addresses, [](const std::string& name) { return !is_pci_address(name); });
  return addresses;
}

Subjects gpus_beside_disks(const Host& host, const Situation& situation) {
  return situation.path.disks.empty() ? Subjects{} : gpus(host, situation);
}

Judgment judge_driver(const Evidence& evidence) {
  const std::string_view line = observe::line_after(evidence.loaded.text, "NVRM version");
  const bool open = line.find("Open Kernel Module") != std::string_view::npos;
  std::string version;
  for (const std::string_view word : observe::words_of(line)) {
    if (word.find_first_not_of("0123456789.") == std::string_view::npos && word.size() > 3) {
      version = word;
      break;
    }
  }
  Judgment judgment{.value = (version.empty() ? "version not told" : version) +
                             (open ? ", open modules" : ", proprietary modules")};
  if (!open) judgment.weight = Weight::told;
  return judgment;
}

Judgment judge_link(const Evidence& evidence) {
  const uint64_t width = evidence.loaded.number.value_or(0);
  const uint64_t full_width = evidence.loaded.other.value_or(0);
  if (width == 0 || full_width == 0) return {.value = "not told"};
  // Its speed trains down while the GPU rests, which it does here.
  return {.weight = width < full_width ? Weight::slows : Weight::fine,
          .value = fmt::format("x{}", width),
          .want = fmt::format("x{}", full_width)};
}

Reading read_node(const Host& host, const Situation& situation, const std::string& gpu) {
  const std::string& disk = situation.path.disks.front().pci_folder;
  return {.number = host.number(pci_of(gpu) + "numa_node"),
          .other = host.number(disk + "/numa_node")};
}

Judgment judge_node(const Evidence& evidence) {
  if (!evidence.loaded.number || !evidence.loaded.other) return {.value = "node unknown"};
  const uint64_t gpu = *evidence.loaded.number;
  const uint64_t disk = *evidence.loaded.other;
  return {.weight = gpu == disk ? Weight::fine : Weight::told,
          .value = fmt::format("node {}, the data's disk node {}", gpu, disk)};
}

constexpr Check k_gpu_checks[] = {
    {.id = "gpu.driver",
     .reads = "/proc/driver/nvidia/version",
     .want = "the open kernel modules",
     .why = "only they can read from NVMe straight into the GPU (P2PDMA)",
     .fix = "install the driver's open variant (nvidia-open)",
     .subjects = driver,
     .read =
         [](const Host& host, const Situation&, const std::string&) {
           return Reading{.text = host.text("/proc/driver/nvidia/version")};
         },
     .judge = judge_driver},
    {.id = "gpu.link",
     .reads = "current_link_width and max_link_width of each GPU's PCI function",
     .want = "full width",
     .why = "each batch crosses this link",
     .fix = "seat the card again; look at the slot's lanes and the BIOS's bifurcation",
     .subjects = gpus,
     .read =
         [](const Host& host, const Situation&, const std::string& gpu) {
           return Reading{.number = host.number(pci_of(gpu) + "current_link_width"),
                          .other = host.number(pci_of(gpu) + "max_link_width")};
         },
     .judge = judge_link},
    {.id = "gpu.node",
     .reads = "numa_node of each GPU's and of the disk's PCI function",
     .want = "the same NUMA node",
     .why = "bytes cross the link between the sockets on their way otherwise",
     .fix = "keep the data on a drive beside the GPU (nvidia-smi topo -m shows which)",
     .subjects = gpus_beside_disks,
     .read = read_node,
     .judge = judge_node},
};

}  // namespace

std::span<const Check> gpu_checks() { return k_gpu_checks; }

}  // namespace headrace::doctor

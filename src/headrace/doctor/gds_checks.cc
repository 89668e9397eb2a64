// GPUDirect Storage: what a cuFile read would find here. These are notes: the other engines do not
// use it.
#include "headrace/doctor/checks.h"
#include "headrace/doctor/cufile_settings.h"
#include "headrace/doctor/pci_config.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr int k_climb_limit = 8;
constexpr uint64_t k_least_block_kb = 1024;

Subjects with_gpu(const Host& host, const Situation&) {
  return host.has("/proc/driver/nvidia/version") ? Subjects{""} : Subjects{};
}

bool is_virtual_machine(const Host& host) {
  return observe::line_after(host.text("/proc/cpuinfo"), "flags").find(" hypervisor") !=
         std::string_view::npos;
}

// Access control is a bare-metal matter: in a virtual machine it keeps tenants apart.
Subjects bare_metal_with_gpu(const Host& host, const Situation& situation) {
  return is_virtual_machine(host) || situation.path.disks.empty() ? Subjects{}
                                                                  : with_gpu(host, situation);
}

std::string settings_path(const Host& host) {
  const std::string named = host.kernel().variable("CUFILE_ENV_PATH_JSON");
  return named.empty() ? "/etc/cufile.json" : named;
}

Subjects with_settings(const Host& host, const Situation& situation) {
  return host.has(settings_path(host)) ? with_gpu(host, situation) : Subjects{};
}

Reading read_mode(const Host& host, const Situation&, const std::string&) {
  const auto settings = parse_cufile_json(host.text(settings_path(host)));
  const bool peer = settings && settings->use_pci_p2pdma.value_or(false);
  const std::string version =
      std::string(observe::line_after(host.text("/proc/driver/nvidia-fs/version"), "version"));
  return {.text = version,
          .number = host.has("/proc/driver/nvidia-fs/stats") ? 1 : 0,
          .other = peer ? 1 : 0};
}

Judgment judge_mode(const Evidence& evidence) {
  if (evidence.loaded.other == 1u) return {.value = "P2PDMA switched on"};
  if (evidence.loaded.number == 1u) {
    return {.value =
                "nvidia-fs" + (evidence.loaded.text.empty() ? "" : " " + evidence.loaded.text)};
  }
  return {.weight = Weight::told, .value = "compatibility mode"};
}

Judgment judge_settings(const Evidence& evidence) {
  const auto settings = parse_cufile_json(evidence.loaded.text);
  if (!settings) return {.weight = Weight::risk, .value = settings.error()};
  if (settings->max_direct_io_size_kb && *settings->max_direct_io_size_kb < k_least_block_kb) {
    return {.weight = Weight::told,
            .value = fmt::format("max_direct_io_size_kb {}", *settings->max_direct_io_size_kb),
            .why = "each read is split into parts of this size",
            .fix = "take the line out: cuFile's own is 16384"};
  }
  if (settings->allow_compat_mode == false) {
    return {.weight = Weight::told,
            .value = "allow_compat_mode false",
            .why = "reads fail where GPUDirect Storage does not work, instead of being slow",
            .fix = "true to fall back, if that is not what is wanted"};
  }
  return {.value = "sound"};
}

Reading read_iommu(const Host& host, const Situation&, const std::string&) {
  return {.text = host.text("/proc/cmdline"), .number = host.names("/sys/class/iommu").size()};
}

Judgment judge_iommu(const Evidence& evidence) {
  if (evidence.loaded.number.value_or(0) == 0) return {.value = "off"};
  const bool passes = (" " + evidence.loaded.text + " ").find("iommu=pt") != std::string::npos;
  return {.weight = passes ? Weight::fine : Weight::told,
          .value = passes ? "passes through" : "on"};
}

// The bridges above the disk, up to the root: how many send peer traffic to the root.
Reading read_access(const Host& host, const Situation& situation, const std::string&) {
  uint64_t redirecting = 0;
  uint64_t seen = 0;
  for (const Disk& disk : situation.path.disks) {
    std::string folder = disk.pci_folder;
    for (int climbed = 0; !folder.empty() && climbed < k_climb_limit; ++climbed) {
      const auto control = acs_control(host.text(folder + "/config"));
      if (control) ++seen;
      if (control && redirects_peers(*control)) ++redirecting;
      folder = host.has(folder + "/../config") ? folder + "/.." : "";
    }
  }
  return {.number = redirecting, .other = seen};
}

Judgment judge_access(const Evidence& evidence) {
  const uint64_t redirecting = evidence.loaded.number.value_or(0);
  if (evidence.loaded.other.value_or(0) == 0) return {.value = "not told (root reads it)"};
  return {.weight = redirecting > 0 ? Weight::told : Weight::fine,
          .value = redirecting > 0 ? fmt::format("{} bridges redirect", redirecting) : "off"};
}

constexpr Check k_gds_checks[] = {
    {.id = "gds.mode",
     .reads = "/proc/driver/nvidia-fs/{stats,version}, use_pci_p2pdma in cufile.json",
     .want = "nvidia-fs loaded, or P2PDMA switched on",
     .why = "cuFile reads through the CPU otherwise, and adds nothing to what Headrace does",
     .fix = "install nvidia-fs, or set properties.use_pci_p2pdma (gdscheck -p shows what is met)",
     .subjects = with_gpu,
     .read = read_mode,
     .judge = judge_mode},
    {.id = "gds.json",
     .reads = "CUFILE_ENV_PATH_JSON, else /etc/cufile.json",
     .want = "JSON with values that make sense",
     .why = "cuFile does not start, or runs with other settings than were meant",
     .fix = "correct the file; comments are allowed in it",
     .subjects = with_settings,
     .read = [](const Host& host, const Situation&,
                const std::string&) { return Reading{.text = host.text(settings_path(host))}; },
     .judge = judge_settings},
    {.id = "gds.iommu",
     .reads = "/sys/class/iommu, iommu= in /proc/cmdline",
     .want = "off, or iommu=pt, on x86 (NVIDIA's GPUDirect Storage guide)",
     .why = "translation sends reads to the GPU through the root",
     .fix = "iommu=pt on the kernel's command line; never where tenants share the machine",
     .subjects = bare_metal_with_gpu,
     .read = read_iommu,
     .judge = judge_iommu},
    {.id = "gds.acs",
     .reads = "the access control registers of the bridges above the disk (config, as root)",
     .want = "no redirection, on bare metal",
     .why = "it sends traffic between peers through the root",
     .fix = "switch ACS off in the BIOS or by setpci; never where tenants share the machine",
     .subjects = bare_metal_with_gpu,
     .read = read_access,
     .judge = judge_access},
};

}  // namespace

std::span<const Check> gds_checks() { return k_gds_checks; }

}  // namespace headrace::doctor

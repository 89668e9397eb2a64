// The layers of /sys/class/block.
#include "headrace/doctor/disk_stack.h"

#include <algorithm>
#include <cctype>

#include "headrace/base/check.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr size_t k_layer_limit = 8;
constexpr size_t k_disk_limit = 64;
constexpr int k_climb_limit = 8;

const std::string k_block = "/sys/class/block/";

// DEVNAME of a uevent; sysfs writes "!" where a device name has "/".
std::string device_name_in(const std::string& uevent) {
  std::string name(observe::line_after(uevent, "DEVNAME="));
  std::ranges::replace(name, '/', '!');
  return is_device_name(name) ? name : "";
}

// The first folder at or above the disk's device that is a PCI function.
std::string pci_folder_of(const Host& host, const std::string& name) {
  std::string folder = k_block + name + "/device";
  for (int climbed = 0; climbed < k_climb_limit && host.has(folder); ++climbed) {
    if (host.has(folder + "/class") && host.has(folder + "/vendor")) return folder;
    folder += "/..";
  }
  return {};
}

bool is_cloud_disk(std::string_view model) {
  // Their PCIe link is the hypervisor's invention and says nothing about the speed.
  return model.starts_with("Amazon Elastic Block Store") || model.starts_with("nvme_card-pd") ||
         model.starts_with("MSFT NVMe") || model.starts_with("Google") || model.starts_with("QEMU");
}

Media media_of(const Host& host, const std::string& name) {
  const auto begins = [&](std::string_view prefix) { return name.starts_with(prefix); };
  const std::string folder = k_block + name;
  if (begins("vd") || begins("xvd")) return Media::hypervisor;
  if (begins("zram") || begins("ram") || begins("pmem")) return Media::memory;
  if (begins("nbd") || begins("rbd") || begins("drbd")) return Media::network;
  const std::string model = host.text(folder + "/device/model");
  if (begins("nvme")) return is_cloud_disk(model) ? Media::hypervisor : Media::nvme;
  if (!begins("sd")) return Media::unknown;
  const std::string vendor = host.text(folder + "/device/vendor");
  if (is_cloud_disk(vendor) || vendor.starts_with("VMware") || vendor.starts_with("Msft")) {
    return Media::hypervisor;
  }
  return host.text(folder + "/queue/rotational") == "1" ? Media::spinning : Media::solid;
}

std::string mapper_kind(const Host& host, const std::string& name) {
  const std::string uuid = host.text(k_block + name + "/dm/uuid");
  return std::string(uuid.substr(0, std::min(uuid.find('-'), uuid.size())));
}

struct Walk {
  const Host& host;
  DiskStack stack = {};

  void visit(const std::string& name, size_t depth);
  void visit_disk(const std::string& name);
};

void Walk::visit(const std::string& name, size_t depth) {
  if (name.empty() || depth == k_layer_limit || stack.disks.size() == k_disk_limit) return;
  const std::string folder = k_block + name;
  if (const std::string number = host.text(folder + "/dev"); !number.empty()) {
    stack.devices.push_back({name, number});
  }
  if (host.has(folder + "/partition")) {
    stack.layers.push_back(name + " (partition)");
    return visit(device_name_in(host.text(folder + "/../uevent")), depth + 1);
  }
  if (const std::string file = host.text(folder + "/loop/backing_file"); !file.empty()) {
    stack.layers.push_back(name + " (loop)");
    stack.backing_file = file;
    return;
  }
  std::vector<std::string> parts = host.names(folder + "/slaves");
  if (parts.empty()) return visit_disk(name);
  if (host.has(folder + "/md")) {
    stack.arrays.push_back(name);
    stack.layers.push_back(
        fmt::format("{} ({} of {})", name, host.text(folder + "/md/level"), parts.size()));
  } else {
    const std::string kind = mapper_kind(host, name);
    stack.layers.push_back(fmt::format("{} ({} {})", name, kind.empty() ? "dm" : kind,
                                       host.text(folder + "/dm/name")));
    if (kind == "mpath") parts.resize(1);  // the others are further ways to the same disk
  }
  for (const std::string& part : parts) visit(is_device_name(part) ? part : "", depth + 1);
}

void Walk::visit_disk(const std::string& name) {
  const auto known = [&](const Disk& disk) { return disk.name == name; };
  const std::string number = host.text(k_block + name + "/dev");
  if (number.empty() || std::ranges::any_of(stack.disks, known)) return;
  Disk disk{.name = name,
            .number = number,
            .media = media_of(host, name),
            .pci_folder = pci_folder_of(host, name)};
  stack.layers.push_back(fmt::format("{} ({})", name, name_of(disk.media)));
  stack.disks.push_back(std::move(disk));
}

}  // namespace

const char* name_of(Media media) {
  switch (media) {
    case Media::nvme:
      return "NVMe";
    case Media::solid:
      return "solid state";
    case Media::spinning:
      return "spinning disk";
    case Media::hypervisor:
      return "virtual disk";
    case Media::memory:
      return "memory";
    case Media::network:
      return "network block device";
    case Media::unknown:
      break;
  }
  return "disk of an unknown kind";
}

bool is_device_name(std::string_view name) {
  const auto plain = [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '.' || letter == '_' || letter == '!' ||
           letter == '-';
  };
  return !name.empty() && name.size() < 64 && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, plain);
}

DiskStack disks_below(const Host& host, const std::string& device_number) {
  return disks_below_name(host,
                          device_name_in(host.text("/sys/dev/block/" + device_number + "/uevent")));
}

DiskStack disks_below_name(const Host& host, const std::string& device_name) {
  Walk walk{.host = host};
  walk.visit(is_device_name(device_name) ? device_name : "", 0);
  return walk.stack;
}

}  // namespace headrace::doctor

// From a block device number down to the disks that move the bytes: through partitions, device
// mapper and md. Thread safety: a pure reading. Invariants: (1) at most 8 layers and 64 disks are
// followed, so that a loop in a hostile tree ends; (2) a name from sysfs has letters, digits and
// "._!-" only, so that it is safe in a path and in a shell command.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "headrace/doctor/host.h"

namespace headrace::doctor {

// What a disk is. hypervisor: its media and link are the host's secret; rotational means nothing.
enum class Media { nvme, solid, spinning, hypervisor, memory, network, unknown };
const char* name_of(Media media);

struct Disk {
  std::string name = {};    // "nvme0n1"
  std::string number = {};  // "259:0"
  Media media = Media::unknown;
  std::string pci_folder = {};  // "" = no PCI device was found above it
  std::string folder() const { return "/sys/class/block/" + name; }
};

// Any block device on the way: control groups may limit each.
struct BlockDevice {
  std::string name = {};
  std::string number = {};
};

struct DiskStack {
  std::vector<std::string> layers = {};  // from the top: "vda1 (partition)", "md0 (raid0 of 2)"
  std::vector<std::string> arrays = {};  // md devices on the way
  std::vector<Disk> disks = {};
  std::vector<BlockDevice> devices = {};  // all of them, disks too
  std::string backing_file = {};  // of a loop device: the way goes on in another file system
};

DiskStack disks_below(const Host& host, const std::string& device_number);
DiskStack disks_below_name(const Host& host, const std::string& device_name);
// False for what no device is called: then nothing is read or printed by that name.
bool is_device_name(std::string_view name);

}  // namespace headrace::doctor

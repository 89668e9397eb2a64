// One file system after the other, until disks, a server, memory, or an end that cannot be seen.
#include "headrace/doctor/data_path.h"

#include <arpa/inet.h>

#include <bit>
#include <charconv>

#include "headrace/base/check.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

constexpr size_t k_mount_limit = 8;

using observe::Mount;
using observe::option_value;

struct Tracer {
  const Host& host;
  std::vector<Mount> table;
  DataPath path = {};

  void follow(const std::string& data);
  void enter(const Mount& mount, const std::string& data);
  void enter_blocks(const Mount& mount);
  void enter_stack(const DiskStack& stack);
  void enter_server(const Mount& mount);
  void enter_overlay(const Mount& mount, const std::string& data);
};

std::string_view before(std::string_view text, char mark) {
  return text.substr(0, std::min(text.find(mark), text.size()));
}

// "10.0.0.7:/x", "[fe80::1]:/x", "10.0.0.7@tcp:/x", "10.0.0.7,10.0.0.8:/", "//server/share".
std::string server_in(const Mount& mount) {
  if (const auto address = option_value(mount.super_options, "addr"); !address.empty()) {
    return std::string(address);
  }
  std::string_view source = mount.source;
  if (source.starts_with("//")) return std::string(before(source.substr(2), '/'));
  if (source.starts_with('[')) return std::string(before(source.substr(1), ']'));
  for (const char mark : {':', ',', '@'}) source = before(source, mark);
  return std::string(source);
}

bool is_remote(std::string_view file_system) {
  return file_system.starts_with("nfs") || file_system == "lustre" || file_system == "ceph" ||
         file_system == "cifs" || file_system == "smb3" || file_system == "beegfs" ||
         file_system == "gpfs" || file_system == "afs";
}

std::string why_opaque(std::string_view file_system) {
  if (file_system.starts_with("fuse")) {
    return "a FUSE file system: what lies behind its daemon is not to be seen from here";
  }
  if (file_system == "9p" || file_system == "virtiofs") {
    return "shared by the hypervisor: what lies behind it is the host's";
  }
  if (file_system == "zfs") return "ZFS: its pool's disks are not named by the kernel";
  return "no block device of the mount is known";
}

void Tracer::follow(const std::string& data) {
  const Mount* mount = observe::mount_holding(table, data);
  if (mount == nullptr) {
    path.lost = "no mount holds " + data;
  } else if (path.mounts.size() == k_mount_limit) {
    path.lost = fmt::format("more than {} file systems on top of each other", k_mount_limit);
  } else {
    enter(*mount, data);
  }
}

void Tracer::enter(const Mount& mount, const std::string& data) {
  path.mounts.push_back(mount);
  path.steps.push_back(mount.file_system + " on " + mount.folder);
  if (mount.file_system == "overlay") return enter_overlay(mount, data);
  if (is_remote(mount.file_system)) return enter_server(mount);
  if (path.in_memory()) return;
  enter_blocks(mount);
}

// The layer that has the file, the upper one first, as the kernel looks.
void Tracer::enter_overlay(const Mount& mount, const std::string& data) {
  const std::string inside = data.substr(mount.folder == "/" ? 0 : mount.folder.size());
  std::string layers(option_value(mount.super_options, "upperdir"));
  layers += ":" + std::string(option_value(mount.super_options, "lowerdir"));
  for (std::string_view rest = layers; !rest.empty();) {
    const std::string layer(before(rest, ':'));
    rest.remove_prefix(std::min(layer.size() + 1, rest.size()));
    if (!layer.starts_with('/') || !host.has(layer + inside)) continue;
    return follow(layer + inside);
  }
  path.lost = "an overlay: its layers are not to be seen from here, as in a container";
}

void Tracer::enter_server(const Mount& mount) {
  path.server = server_in(mount);
  path.interface = interface_towards(host.text("/proc/net/route"), path.server);
  path.steps.push_back("server " + path.server +
                       (path.interface.empty() ? "" : " by " + path.interface));
}

// btrfs gives its mounts a number of their own; its devices are listed beside it.
void Tracer::enter_blocks(const Mount& mount) {
  if (mount.file_system == "btrfs" && mount.source.starts_with("/dev/")) {
    const std::string first = mount.source.substr(5);
    for (const std::string& id : host.names("/sys/fs/btrfs")) {
      const std::string devices = "/sys/fs/btrfs/" + id + "/devices";
      if (!is_device_name(first) || !host.has(devices + "/" + first)) continue;
      for (const std::string& name : host.names(devices)) enter_stack(disks_below_name(host, name));
      return;
    }
    return enter_stack(disks_below_name(host, first));
  }
  if (mount.device_number.starts_with("0:")) {
    path.lost = why_opaque(mount.file_system);
    return;
  }
  enter_stack(disks_below(host, mount.device_number));
}

void Tracer::enter_stack(const DiskStack& stack) {
  path.steps.insert(path.steps.end(), stack.layers.begin(), stack.layers.end());
  path.arrays.insert(path.arrays.end(), stack.arrays.begin(), stack.arrays.end());
  path.disks.insert(path.disks.end(), stack.disks.begin(), stack.disks.end());
  path.devices.insert(path.devices.end(), stack.devices.begin(), stack.devices.end());
  if (!stack.backing_file.empty()) return follow(stack.backing_file);
  if (path.disks.empty() && path.lost.empty()) path.lost = "sysfs does not show the block device";
}

// Hexadecimal as the kernel prints it: the address's bytes as one number of this machine.
std::optional<uint32_t> address_of(std::string_view word) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, 16);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace

bool DataPath::is_store() const { return data.starts_with("s3://"); }

bool DataPath::is_on(std::string_view file_system) const {
  if (!has_mount()) return false;
  return mount().file_system == file_system ||
         (file_system == "nfs" && mount().file_system == "nfs4");
}

DataPath trace(const Host& host, const std::string& data) {
  Tracer tracer{.host = host, .table = observe::parse_mountinfo(host.text("/proc/self/mountinfo"))};
  tracer.path.data = data;
  if (tracer.path.is_store()) {
    tracer.path.steps.push_back("object store " + data);
  } else {
    tracer.follow(data);
  }
  return tracer.path;
}

std::string interface_towards(std::string_view routes, std::string_view address) {
  in_addr wanted = {};
  if (::inet_pton(AF_INET, std::string(address).c_str(), &wanted) != 1) return {};
  if (address.starts_with("127.")) return "lo";
  std::string best;
  int best_bits = -1;
  for (const std::string_view line : observe::lines_of(routes)) {
    const auto words = observe::words_of(line);  // Iface Destination Gateway Flags ... [7] Mask
    if (words.size() < 8 || !is_device_name(words[0])) continue;
    const auto network = address_of(words[1]);
    const auto mask = address_of(words[7]);
    if (!network || !mask || (wanted.s_addr & *mask) != *network) continue;
    if (std::popcount(*mask) <= best_bits) continue;
    best_bits = std::popcount(*mask);
    best = words[0];
  }
  return best;
}

}  // namespace headrace::doctor

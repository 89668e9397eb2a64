// sysfs: /sys/dev/block/MAJOR:MINOR leads to the device's folder, below that of what holds it.
#include "headrace/storage/block_device.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <charconv>
#include <filesystem>

#include "headrace/observe/mountinfo.h"
#include "headrace/observe/proc_text.h"

namespace headrace::storage {
namespace {

namespace fs = std::filesystem;

uint64_t number_of(const struct ::stat& found) {
  return S_ISBLK(found.st_mode) ? found.st_rdev : found.st_dev;
}

// Empty when there is none: network file systems, memory, btrfs.
fs::path folder_of(uint64_t device_number, const std::string& root) {
  std::error_code error;
  const fs::path link = fmt::format("{}/sys/dev/block/{}:{}", root, ::gnu_dev_major(device_number),
                                    ::gnu_dev_minor(device_number));
  const fs::path folder = fs::canonical(link, error);
  return error ? fs::path() : folder;
}

std::optional<uint64_t> parsed(const std::string& text) {  // "259:3\n"
  unsigned major = 0, minor = 0;
  if (std::sscanf(text.c_str(), "%u:%u", &major, &minor) != 2) return std::nullopt;
  return ::gnu_dev_makedev(major, minor);
}

// A mapped or striped device lies on others; the first stands for them.
fs::path lowest(fs::path folder) {
  constexpr int k_layers_max = 8;
  for (int layer = 0; layer < k_layers_max; ++layer) {
    std::error_code error;
    const fs::directory_iterator slaves(folder / "slaves", error);
    if (error || slaves == fs::directory_iterator()) break;
    const fs::path below = fs::canonical(slaves->path(), error);
    if (error) break;
    folder = below;
  }
  return folder;
}

bool has_many_nodes(const std::string& root) {
  const std::string online = observe::read_proc_text(root + "/sys/devices/system/node/online");
  return online.find_first_of("-,") != std::string::npos;
}

}  // namespace

uint64_t whole_disk(uint64_t device_number, const std::string& root) {
  const fs::path folder = folder_of(device_number, root);
  std::error_code error;
  if (folder.empty() || !fs::exists(folder / "partition", error)) return device_number;
  return parsed(observe::read_proc_text((folder.parent_path() / "dev").string()))
      .value_or(device_number);
}

uint64_t disk_of_path(const std::string& path, const std::string& root) {
  struct ::stat found = {};
  return ::stat(path.c_str(), &found) == 0 ? whole_disk(number_of(found), root) : 0;
}

uint64_t disk_of_file(const io::File& file) {
  struct ::stat found = {};
  return ::fstat(file.fd_buffered(), &found) == 0 ? whole_disk(number_of(found)) : 0;
}

std::string name_of_disk(uint64_t disk, const std::string& path, const std::string& root) {
  std::error_code error;
  const fs::path whole_path = fs::weakly_canonical(fs::absolute(path, error), error);
  const auto mounts =
      observe::parse_mountinfo(observe::read_proc_text(root + "/proc/self/mountinfo"));
  const observe::Mount* holder = observe::mount_holding(mounts, whole_path.string());
  const fs::path folder = folder_of(disk, root);
  std::string name = fmt::format("device {}:{}", ::gnu_dev_major(disk), ::gnu_dev_minor(disk));
  if (holder != nullptr && !holder->source.empty()) name = holder->source;
  if (!folder.empty()) name = "/dev/" + folder.filename().string();
  return holder == nullptr ? name : fmt::format("{} ({})", name, holder->folder);
}

std::string name_of_disk_of(const io::File& file) {
  return name_of_disk(disk_of_file(file), file.path());
}

std::optional<uint32_t> numa_node_of(uint64_t device_number, const std::string& root) {
  if (!has_many_nodes(root)) return std::nullopt;
  fs::path folder = folder_of(device_number, root);
  if (folder.empty()) return std::nullopt;
  for (folder = lowest(folder); folder.has_relative_path(); folder = folder.parent_path()) {
    const std::string text = observe::read_proc_text((folder / "numa_node").string());
    int node = -1;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), node);
    if (end.ec == std::errc() && node >= 0) return static_cast<uint32_t>(node);
  }
  return std::nullopt;
}

}  // namespace headrace::storage

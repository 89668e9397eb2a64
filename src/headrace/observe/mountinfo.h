// The mounts of this process, from the text of /proc/self/mountinfo.
// Thread safety: pure functions. Any text is taken: lines that are no mount are left out, and at
// most k_mount_limit mounts are kept.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::observe {

inline constexpr size_t k_mount_limit = 65536;

struct Mount {
  std::string device_number = {};  // "259:1"; "0:..." where no block device stands behind it alone
  std::string folder = {};         // where it is mounted
  std::string options = {};        // of this mount: "rw,relatime"
  std::string file_system = {};    // "xfs", "nfs4", "fuse.juicefs"
  std::string source = {};         // "/dev/nvme0n1", "10.0.0.7:/export"
  std::string super_options = {};  // of the file system: "rw,vers=4.2,rsize=1048576"
};

std::vector<Mount> parse_mountinfo(std::string_view text);
// The deepest mount that holds the path, the last one of equals: it hides the earlier. Null = none.
const Mount* mount_holding(const std::vector<Mount>& mounts, std::string_view absolute_path);

// Whether a comma list has "key" or "key=value", and that value ("" without one).
bool has_option(std::string_view options, std::string_view key);
std::string_view option_value(std::string_view options, std::string_view key);

}  // namespace headrace::observe

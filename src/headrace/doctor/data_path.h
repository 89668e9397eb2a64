// The way that the bytes of a data set take to this process: mounts, block layers, disks, or a
// server and the interface towards it. Thread safety: a pure reading. Invariants: (1) at most 8
// file systems are followed (overlay in loop in ...); (2) where the way is lost, `lost` says why,
// and nothing is guessed.
#pragma once

#include <string>
#include <vector>

#include "headrace/doctor/disk_stack.h"
#include "headrace/observe/mountinfo.h"

namespace headrace::doctor {

struct DataPath {
  std::string data = {};  // the absolute path, or the URI
  std::vector<observe::Mount> mounts =
      {};                               // the one that holds the data first, the last real one last
  std::vector<std::string> steps = {};  // in words: "xfs on /data", "md0 (raid0 of 2)", ...
  std::vector<std::string> arrays = {};  // md devices
  std::vector<Disk> disks = {};
  std::vector<BlockDevice> devices = {};  // every block device on the way, disks too
  std::string server = {};                // the address of a server; "" = local
  std::string interface = {};             // towards the server; "" = not known
  std::string lost = {};  // why the way could not be followed to its end; "" = it was

  bool is_store() const;  // s3://...
  bool over_network() const { return !server.empty() || is_store(); }
  // The last mount on the way: its file system and options are what reading meets.
  const observe::Mount& mount() const { return mounts.back(); }
  bool has_mount() const { return !mounts.empty(); }
  // "nfs" stands for nfs4 too.
  bool is_on(std::string_view file_system) const;
  bool in_memory() const { return is_on("tmpfs") || is_on("ramfs"); }
};

// `data`: an absolute path without symbolic links, or a URI with a scheme.
DataPath trace(const Host& host, const std::string& data);

// The interface that packets to an IPv4 address leave by, from the text of /proc/net/route.
std::string interface_towards(std::string_view routes, std::string_view address);

}  // namespace headrace::doctor

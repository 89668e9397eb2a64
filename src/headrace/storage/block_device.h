// Which disk bytes come from, and where that is attached. Reads that share a disk share its queue,
// whatever partition, folder or data set they belong to.
// Thread safety: pure readings. `root` stands before /sys so that tests read fixtures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "headrace/io/file.h"

namespace headrace::storage {

// The disk's device number (of a partition: its whole disk's); a file system without a block device
// has a number of its own. 0 = not known.
uint64_t disk_of_path(const std::string& path, const std::string& root = "");
uint64_t disk_of_file(const io::File& file);
uint64_t whole_disk(uint64_t device_number, const std::string& root = "");

// "/dev/nvme0n1 (/data)": the disk and the mount that holds the path; "10.0.0.7:/export (/data)".
std::string name_of_disk(uint64_t disk, const std::string& path, const std::string& root = "");
std::string name_of_disk_of(const io::File& file);

// Of what the disk is plugged into; none where the machine has one node, or nothing says.
std::optional<uint32_t> numa_node_of(uint64_t device_number, const std::string& root = "");

}  // namespace headrace::storage

// Which tar shards a path stands for: one tar, a brace list, a folder with a manifest or with
// *.tar. Thread safety: a pure function of the file system.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headrace/formats/manifest.h"

namespace headrace::formats {

struct ShardList {
  std::vector<std::string> paths;  // in the data set's order
  std::optional<Manifest> manifest;
};

// Nothing when the path is a folder without shards. Throws Error: not there, no tar, half-packed,
// bad manifest.
std::optional<ShardList> find_shards(Files& files, const std::string& path);

}  // namespace headrace::formats

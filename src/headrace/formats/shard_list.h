// Which shards a path stands for: one file, a brace list, programs' outputs, a folder with a
// manifest or with files of one format. Thread safety: a pure function of the file system.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headrace/formats/manifest.h"
#include "headrace/formats/piped_output.h"
#include "headrace/formats/tar_samples.h"

namespace headrace::formats {

struct ShardList {
  std::vector<std::string> paths;  // in the data set's order
  std::optional<Manifest> manifest;
  const ShardFormat* format = &k_tar_format;
};

// By the file's bytes; when it is damaged, by its name; else null. Throws Error when it cannot be
// opened.
const ShardFormat* format_of_file(Files& files, const std::string& path);

// Nothing when the path is a folder without shards. Throws Error: not there, of
// no known format, half-packed, bad manifest, what fetch_pipes() throws.
std::optional<ShardList> find_shards(Files& files, const std::string& path,
                                     const PipeOptions& pipes = {});

}  // namespace headrace::formats

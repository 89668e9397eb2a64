// Which files stand for a data set in a probe, found without reading an index or a shard.
// Thread safety: a pure function of the file system. Invariant: at most k_seen_limit files are
// looked at, whatever the size of the data set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "headrace/base/files.h"

namespace headrace::doctor {

inline constexpr size_t k_seen_limit = 50'000;
inline constexpr size_t k_kept_limit = 256;

struct SampleFile {
  std::string path = {};
  uint64_t size_bytes = 0;
};
struct SampleFiles {
  std::vector<SampleFile> files = {};  // the largest that were seen
  uint64_t file_count = 0;
  uint64_t size_bytes = 0;
  bool all = true;  // false: the limit ended the search, and there is more
};

// `data`: a file, a folder at any depth, or a brace list. Throws Error: not there, or no file with
// bytes in it.
SampleFiles find_sample_files(Files& files, const std::string& data);

}  // namespace headrace::doctor

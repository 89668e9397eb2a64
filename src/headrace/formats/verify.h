// Re-reads every byte of a data set against its checksums, and each shard's headers against its
// index. Thread safety: one call; callbacks come from its own threads one at a time. Invariant:
// damage never ends the run; it is counted, and listed up to a limit, with file, sample and byte.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "headrace/base/files.h"

namespace headrace::formats {

struct Damage {
  std::string path;
  std::string key;  // of the sample, or "" when it concerns the file
  uint64_t offset_bytes = 0;
  std::string what;
};

struct VerifyProgress {
  uint64_t files_done = 0, files_total = 0;
  uint64_t bytes_done = 0, bytes_total = 0;
  uint64_t damage_count = 0;
};

struct PictureFault {
  std::string what;
  uint64_t offset_bytes = 0;  // within the picture
};
// What is wrong with a picture, if anything; called by several threads at a time.
using PictureCheck = std::function<std::optional<PictureFault>(std::span<const std::byte>)>;

struct VerifyOptions {
  Files* files = &real_files();
  std::string cache_folder = {};
  size_t job_count = 0;             // files read at the same time; 0 = one a processor
  PictureCheck check_picture = {};  // of every field whose name is an image's; empty: bytes alone
  std::function<void(const VerifyProgress&)> progress = {};
  std::stop_token stop = {};
};
inline constexpr size_t k_damage_limit = 1000;  // listed

struct VerifyResult {
  std::string format = {};  // by the files' bytes; of several data sets, "tfrecord and mds"
  uint64_t file_count = 0;
  uint64_t sample_count = 0;  // of all copies, where a data set has several
  uint64_t copy_count = 0;    // besides the data sets themselves
  uint64_t bytes_read = 0;
  uint64_t fields_checked = 0;    // against a checksum
  uint64_t fields_unchecked = 0;  // read, but no checksum is known
  uint64_t pictures_checked = 0;  // by check_picture
  uint64_t damage_count = 0;
  std::vector<Damage> damages;  // by file
  bool stopped = false;
};

// Throws Error only when there is no data set at one of the paths.
VerifyResult verify(const std::vector<std::string>& paths, const VerifyOptions& options);

}  // namespace headrace::formats

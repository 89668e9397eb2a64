// From one format to another: the fields' own bytes in the same order, then all of it read again
// and compared. Thread safety: one call an output folder. Invariants: 1. it returns only when each
// sample of the output holds what the input's holds, and the input has no other that can be read;
// 2. after a stop, a failure or a kill the same
// call goes on where it was.
#pragma once

#include <string>

#include "headrace/pack/pack.h"

namespace headrace::pack {

struct ConvertOptions {
  std::string input = {};
  std::string output = {};
  std::string input_format = {};  // "" = any; else another one is an error
  const formats::ShardFormat* format = &formats::k_tar_format;
  uint64_t shard_size_bytes = uint64_t{256} << 20;
  Compress compress = {};
  OnError on_error = OnError::fail;
  size_t job_count = 0;  // 0 = one a processor
  std::string cache_folder = {};
  Files* files = &real_files();
  std::stop_token stop = {};
};

struct ConvertResult {
  PackResult packed = {};
  std::string input_format = {};
  uint64_t compared_count = 0;  // samples
  uint64_t content_hash = 0;    // of all samples in their order, the same for each format
  double compare_seconds = 0;
};

struct ConvertProgress {
  ProgressCallback on_packed = {};
  std::function<void(uint64_t samples_done)> on_compared = {};  // on the caller's thread
};

// Throws Error; that the output differs names the sample and is Code::corrupt.
ConvertResult convert(const ConvertOptions& options, const ConvertProgress& progress);

// What of a sample every format keeps: its fields by name, unpacked where they are compressed,
// numbers as decimal text.
uint64_t content_hash(std::vector<SourceField> fields);

}  // namespace headrace::pack

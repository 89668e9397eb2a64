// From a class-per-folder image tree, tars or a list file to shards of one format with indexes and
// a manifest. Thread safety: one call an output folder. Invariants: 1. the output's bytes depend on
// the input and the options alone, not on jobs, timing or interruptions; 2. a file shows under its
// final name only when whole and synced;
// 3. memory is bounded by jobs and shard size.
#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/formats/tar_samples.h"
#include "headrace/pack/field_codecs.h"
#include "headrace/pack/plan.h"
#include "headrace/pack/prepare.h"

namespace headrace::pack {

enum class OnError { fail, skip };

struct PackOptions {
  std::string input = {};
  std::string output = {};
  uint64_t shard_size_bytes = uint64_t{256} << 20;
  const formats::ShardFormat* format = &formats::k_tar_format;
  SampleOrder order = SampleOrder::shuffled;
  uint64_t seed = 0;
  uint64_t copy_count = 1;  // each in an order of its own, in folders in the output
  bool keep = false;        // fields and a tar's keys as they are named, pictures unseen; no recode
  Recode recode = {};       // empty: JPEGs are left as they are; see lossless_recode()
  Compress compress = {};
  OnError on_error = OnError::fail;
  size_t job_count = 0;  // threads that read and recode; 0 = one a processor
  bool dali_index = false;
  std::string cache_folder = {};  // "" = formats::default_cache_folder()
  Files* files = &real_files();
  std::stop_token stop = {};  // after a stop: partial files are gone, finished shards stay
};

struct PackProgress {
  uint64_t samples_done = 0, samples_total = 0;  // kept shards count as done
  uint64_t shards_done = 0, shards_total = 0;
  uint64_t bytes_in = 0, bytes_out = 0;  // of this run
};
using ProgressCallback =
    std::function<void(const PackProgress&)>;  // on the caller's thread, each sample

struct Skipped {
  std::string name;
  std::string why;
};
inline constexpr size_t k_skipped_limit = 1000;  // listed; the count goes on

struct PackResult {
  uint64_t sample_count = 0;      // in the output, and in each copy
  uint64_t shard_count = 0;       // of all copies, as all that follows
  uint64_t kept_shard_count = 0;  // finished by an earlier run
  uint64_t bytes_in = 0;          // of this run: fields read
  uint64_t bytes_out = 0;         // of this run: shards written
  uint64_t output_bytes = 0;
  uint64_t recoded_count = 0;
  std::map<std::string, uint64_t> left_as_is;  // JPEGs not recoded, by reason
  uint64_t skipped_count = 0;                  // also in kept shards
  std::vector<Skipped> skipped;                // of this run
  std::vector<std::string> notes;              // what opening the input found
  CodecChoice compression;
  double seconds = 0;
};

// Throws Error; after Code::interrupted or a failure the same call goes on where it was.
PackResult pack(const PackOptions& options, const ProgressCallback& progress);

}  // namespace headrace::pack

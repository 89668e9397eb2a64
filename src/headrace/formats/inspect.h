// What is in a data set: samples, fields and their sizes, kinds of images, health of indexes.
// Thread safety: a pure function of the data set. Memory does not grow with samples.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/shard_index.h"

namespace headrace::formats {

struct FieldFacts {
  std::string name;
  bool is_inline = false;     // a class's number without bytes
  uint64_t sample_count = 0;  // that have the field
  uint64_t total_bytes = 0;
  uint64_t min_bytes = 0;
  uint64_t median_bytes = 0;  // within 2 %
  uint64_t mean_bytes = 0;
  uint64_t max_bytes = 0;
  std::array<uint64_t, 64> histogram =
      {};  // [k]: fields of 2^k to 2^(k+1) - 1 bytes; [0] also empty ones
};

struct ShardFacts {
  std::string path;
  uint64_t size_bytes = 0;
  uint64_t sample_count = 0;
  IndexHealth health = IndexHealth::present;  // before opening mended it
  bool has_checksum = false;
  std::string note;
};

struct DatasetFacts {
  std::string format;
  uint64_t sample_count = 0;
  uint64_t copy_count = 1;  // in orders of their own (copies.h); what follows is of the first
  uint64_t file_count = 0;
  uint64_t size_bytes = 0;
  std::vector<FieldFacts> fields;
  std::vector<ShardFacts> shards;  // empty for an image folder
  std::vector<std::string> class_names;
  std::map<std::string, uint64_t> image_kinds;  // of the sampled images: "jpeg baseline", "png" ...
  uint64_t images_sampled = 0;
};

struct InspectOptions {
  OpenOptions open = {};
  uint64_t image_sample_count = 200;  // images looked into, spread evenly
};

// Of several data sets as one. Throws Error as open_all does.
DatasetFacts inspect(const std::vector<std::string>& paths, const InspectOptions& options);

}  // namespace headrace::formats

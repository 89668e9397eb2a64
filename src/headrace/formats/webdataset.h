// Tar shards as one data set. Thread safety: const after open; locate() neither locks nor
// allocates. Invariants: 1. every shard's index has a slot for each of field_names(); 2. an extent
// that locate() hands out lies within its shard; 3. first_samples_ has one entry a shard and the
// total at its end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/shard_index.h"
#include "headrace/formats/shard_list.h"

namespace headrace::formats {

class WebDataset final : public Dataset {
 public:
  static std::unique_ptr<WebDataset> open(const ShardList& list, const OpenOptions& options);

  const std::string& format() const override;
  uint64_t sample_count() const override { return first_samples_.back(); }
  const std::vector<std::string>& field_names() const override { return field_names_; }
  uint64_t file_count() const override { return shards_.size(); }
  FileInfo file(uint64_t file_index) const override;
  Location locate(
      uint64_t sample_id) const override;  // throws Error when the index leaves its shard
  void locate_all(std::span<const uint64_t> sample_ids,
                  std::span<Location> locations) const override;
  std::string key(uint64_t sample_id) const override;
  uint64_t size_bytes() const override { return size_bytes_; }
  uint64_t fingerprint() const override;
  uint64_t first_sample(uint64_t file_index) const override;
  std::vector<std::string> notes() const override;
  std::vector<std::string> class_names() const override { return class_names_; }
  const ShardIndex& shard_index(uint64_t file_index) const { return shards_[file_index].found; }

 private:
  struct Shard {
    ShardPlace place;
    ShardIndex found;
    uint64_t checksum =
        0;  // of the whole shard, as its index or the manifest has it; 0 = not known
  };
  struct Place {
    uint64_t file_index;
    uint64_t sample_index;  // within the shard
  };

  void open_shards(const ShardList& list, const OpenOptions& options);
  void unite_fields(const OpenOptions& options);
  void find_checksums(const ShardList& list);
  void check_manifest(const Manifest& manifest) const;
  Place place_of(uint64_t sample_id) const;
  Location location_of(const Place& place) const;  // not yet checked, its record not yet read
  void check(const Location& location) const;

  Files* files_ = nullptr;
  std::vector<Shard> shards_;
  std::vector<uint64_t> first_samples_ = {0};
  std::vector<std::string> field_names_;
  std::vector<std::string> class_names_;
  uint64_t size_bytes_ = 0;
  double shards_a_sample_ = 0;
};

// The key of the sample whose first header is at an offset; "" when no header is there any more.
std::string key_at(Files& files, const std::string& shard_path, uint64_t header_offset_bytes);

}  // namespace headrace::formats

// Shards of one format as one data set. With a manifest, most indexes are opened when a sample of
// theirs is first asked for, so that opening costs the same whatever there is. Thread safety: const
// after open; locate() neither locks nor allocates once a shard's index is open. Invariants: 1.
// every shard's index has a slot for each of field_names(); 2. an extent that locate() hands out
// lies within its shard and comes from a record whose checksum holds; 3. first_samples_ has one
// entry a shard and the total at its end; 4. of large indexes, only what was used lately is in
// memory.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "headrace/formats/dataset.h"
#include "headrace/formats/shard_index.h"
#include "headrace/formats/shard_list.h"

namespace headrace::formats {

class ShardSet final : public Dataset {
 public:
  static std::unique_ptr<ShardSet> open(const ShardList& list, const OpenOptions& options);

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
  std::string origin(uint64_t sample_id) const override;
  uint64_t size_bytes() const override { return size_bytes_; }
  uint64_t fingerprint() const override;
  uint64_t first_sample(uint64_t file_index) const override;
  std::vector<std::string> notes() const override;
  std::vector<std::string> class_names() const override { return class_names_; }
  const ShardIndex& shard_index(uint64_t file_index) const;  // opens it; throws Error

 private:
  struct Shard {
    ShardPlace place;
    std::string path = {};  // of the shard itself, where `place` is an unpacked copy
    uint64_t sample_count = 0;
    uint64_t checksum = 0;  // of the whole shard, by the manifest or its index; 0 = not known
    mutable std::unique_ptr<ShardIndex> owned;               // guarded by mutex_ once open
    mutable std::atomic<const ShardIndex*> found = nullptr;  // owned, once it may be used
  };
  struct Place {
    uint64_t file_index;
    uint64_t sample_index;  // within the shard
  };

  void stat_shards(const ShardList& list, const OpenOptions& options);
  void unpack_shards(const OpenOptions& options);
  void open_indexes(uint64_t count);  // of the first so many shards
  void open_index(const Shard& shard) const;
  void unite_fields(const ShardList& list, uint64_t opened_count);
  void count_samples();
  void accept(const Shard& shard) const;
  Place place_of(uint64_t sample_id) const;
  // The fields where they may be believed, or what stands for a sample that the shard no longer
  // has.
  std::span<const FieldExtent> checked(const Place& place,
                                       std::span<const FieldExtent> fields) const;
  void note_first_use(uint64_t file_index) const;
  void release_used() const;

  Files* files_ = nullptr;
  const ShardFormat* format_ = nullptr;
  std::vector<Shard> shards_;
  std::vector<uint64_t> first_samples_ = {0};
  std::vector<std::string> field_names_;
  std::vector<std::string> class_names_;
  uint64_t size_bytes_ = 0;
  uint64_t index_bytes_ = 0;  // of all indexes, about
  double shards_a_sample_ = 0;
  mutable std::mutex mutex_;  // guards Shard::owned and what follows; not taken for known records
  mutable std::vector<uint64_t> used_files_;  // whose pages came to memory since the last release
};

// The key of the sample whose record is there; "" when none is there any more.
std::string key_at(Files& files, const ShardPlace& place, ScanFrom from);

}  // namespace headrace::formats

// The check of one shard: bytes against checksums, headers against the index.
// Thread safety: a value for one thread; the result is its caller's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "headrace/base/hash.h"
#include "headrace/formats/index.h"
#include "headrace/formats/manifest.h"
#include "headrace/formats/tar_samples.h"
#include "headrace/formats/verify.h"

namespace headrace::formats {

class ShardCheck {
 public:
  struct Hooks {
    std::function<void(Damage)> damage;
    std::function<bool(uint64_t size_bytes)> read;  // after each piece; false = stop
    PictureCheck picture = {};
  };
  ShardCheck(Files& files, std::string path, Hooks hooks, const ShardFormat* format = &k_tar_format)
      : files_(files), path_(std::move(path)), hooks_(std::move(hooks)), format_(format) {}
  // `said` is what the manifest says of the shard.
  void run(const std::optional<ManifestShard>& said);

  uint64_t sample_count() const { return sample_count_; }
  uint64_t fields_checked() const { return fields_checked_; }
  uint64_t fields_unchecked() const { return fields_unchecked_; }
  uint64_t pictures_checked() const { return pictures_checked_; }

 private:
  struct Expected {
    uint64_t sample_index;
    FieldExtent extent;
  };

  void open_index(bool must_be_there);
  bool read_all(int fd);
  void feed(std::span<const std::byte> piece, uint64_t offset_bytes);
  void lose(uint64_t begin_bytes, uint64_t end_bytes);
  void end_field();
  void next_field();
  void compare_whole(const std::optional<ManifestShard>& said);
  void check_apart(int fd);
  void walk(int fd);
  std::string key_of(uint64_t sample_index) const;
  void read_packed(RecordReader& reader);
  void compare_sample(const ScannedSample& sample, uint64_t sample_index);
  bool check_pictures(int fd, const ScannedSample& sample);
  void report(uint64_t offset_bytes, std::string what, std::string key = "");

  Files& files_;
  const std::string path_;
  const Hooks hooks_;
  const ShardFormat* format_;
  std::optional<Index> index_;
  uint64_t size_bytes_ = 0;
  Xxh3Stream whole_;
  bool whole_is_read_ = true;
  std::vector<Expected> queue_;  // fields of one sample, by offset, the next one last
  uint64_t next_sample_ = 0;
  std::optional<Expected> field_;
  std::optional<Xxh3Stream> field_hash_;
  uint64_t sample_count_ = 0;
  bool out_of_step_ = false;  // a sample lies elsewhere: all after it do, and it is said once
  uint64_t fields_checked_ = 0;
  uint64_t fields_unchecked_ = 0;
  uint64_t pictures_checked_ = 0;
};

}  // namespace headrace::formats

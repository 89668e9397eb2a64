// One shard on its way to disk: a tar that shows under its name only when whole, then its index.
// Thread safety: one owner. Memory: 56 bytes a sample of two fields, until finish().
#pragma once

#include <map>
#include <string>
#include <vector>

#include "headrace/base/hash.h"
#include "headrace/formats/index.h"
#include "headrace/formats/tar.h"
#include "headrace/pack/source.h"

namespace headrace::pack {

struct WrittenShard {
  uint64_t sample_count = 0;
  uint64_t size_bytes = 0;
  uint64_t checksum = 0;
  std::vector<std::string> field_names;  // sorted
};

class ShardWriter {
 public:
  ShardWriter(Files& files, std::string path);
  void add(const std::string& key, const std::vector<SourceField>& fields);
  uint64_t size_bytes() const { return tar_.size_bytes(); }
  WrittenShard finish(uint64_t stamp);  // publishes the tar, then the index

 private:
  struct Placed {
    uint64_t sample_index;
    uint32_t name_number;
    formats::FieldExtent extent;
  };

  void put(std::span<const std::byte> bytes);
  void flush();
  void write_index(const WrittenShard& written, uint64_t stamp);

  Files& files_;
  const std::string path_;
  AtomicFile file_;
  std::vector<std::byte> pending_;
  Xxh3Stream hash_;
  formats::TarWriter tar_;
  std::map<std::string, uint32_t> name_numbers_;
  std::vector<uint64_t> header_offsets_;
  std::vector<Placed> placed_;
};

}  // namespace headrace::pack

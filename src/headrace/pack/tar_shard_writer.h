// A tar shard and its index, which is made from where the members were put.
// Thread safety: one owner. Memory: 56 bytes a sample of two fields, until finish().
#pragma once

#include <map>
#include <string>
#include <vector>

#include "headrace/formats/index.h"
#include "headrace/formats/tar.h"
#include "headrace/pack/shard_file.h"
#include "headrace/pack/shard_writer.h"

namespace headrace::pack {

class TarShardWriter final : public ShardWriter {
 public:
  TarShardWriter(Files& files, std::string path);
  void add(const std::string& key, const std::vector<SourceField>& fields) override;
  uint64_t size_bytes() const override { return tar_.size_bytes(); }
  WrittenShard finish(uint64_t stamp) override;

 private:
  struct Placed {
    uint64_t sample_index;
    uint32_t name_number;
    formats::FieldExtent extent;
  };

  void write_index(const WrittenShard& written, uint64_t stamp);

  Files& files_;
  const std::string path_;
  ShardFile file_;
  formats::TarWriter tar_;
  std::map<std::string, uint32_t> name_numbers_;
  std::vector<uint64_t> header_offsets_;
  std::vector<Placed> placed_;
};

}  // namespace headrace::pack

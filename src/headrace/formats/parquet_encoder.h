// Samples to Parquet: plain values without compression, so that they can be read in place, each
// page with its checksum. Thread safety: one owner. Memory: one row group.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

class ParquetEncoder final : public ShardEncoder {
 public:
  explicit ParquetEncoder(Sink sink) : sink_(std::move(sink)) {}
  // Throws Error: other fields than the first sample's, a label that is no number, a field of 1
  // GiB.
  void append(std::span<const FieldBytes> fields) override;
  void finish() override;
  uint64_t size_bytes() const override;

 private:
  struct Column {
    std::string name;
    bool is_integer = false;
    std::vector<std::byte> body;  // of the row group's only page
  };
  struct Chunk {
    uint64_t offset_bytes, length_bytes;
  };
  struct Group {
    uint64_t row_count = 0;
    std::vector<Chunk> chunks;
  };

  void end_group();
  void put(std::span<const std::byte> bytes);
  std::vector<std::byte> footer() const;

  Sink sink_;
  std::vector<Column> columns_;
  std::vector<Group> groups_;
  uint64_t row_count_ = 0;  // of the group under way
  uint64_t written_bytes_ = 0;
};

}  // namespace headrace::formats

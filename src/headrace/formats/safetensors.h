// safetensors files as samples: row i of each tensor is a field of sample i; read in place and
// written. Layout: docs/formats/safetensors.md. Thread safety: constants; an encoder has one owner.
// Memory of an encoder: the whole shard, whose tensors lie one behind the other.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_safetensors_format;  // "safetensors"

class SafetensorsEncoder final : public ShardEncoder {
 public:
  explicit SafetensorsEncoder(Sink sink) : sink_(std::move(sink)) {}
  // Throws Error: other fields than the first sample's, or a field of another size.
  void append(std::span<const FieldBytes> fields) override;
  void finish() override;
  uint64_t size_bytes() const override { return written_bytes_ + held_bytes_; }

 private:
  struct Column {
    std::string name;
    bool is_label = false;  // I64, else U8
    uint64_t row_bytes = 0;
    std::vector<std::byte> rows = {};
  };

  Sink sink_;
  std::vector<Column> columns_;
  uint64_t row_count_ = 0;
  uint64_t held_bytes_ = 0;
  uint64_t written_bytes_ = 0;
};

}  // namespace headrace::formats

// Samples to TFRecord: one tf.train.Example each, its features sorted by name.
// Layout: docs/formats/tfrecord.md. Thread safety: one owner.
#pragma once

#include <vector>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

class TfRecordEncoder final : public ShardEncoder {
 public:
  explicit TfRecordEncoder(Sink sink) : sink_(std::move(sink)) {}
  void append(std::span<const FieldBytes> fields) override;
  void finish() override {}
  uint64_t size_bytes() const override { return size_bytes_; }

 private:
  Sink sink_;
  std::vector<std::byte> record_;
  uint64_t size_bytes_ = 0;
};

}  // namespace headrace::formats

// Samples to TFRecord: one tf.train.Example each, its features sorted by name.
// Layout: docs/formats/tfrecord.md. Thread safety: one owner.
#pragma once

#include <vector>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

// The feature that holds a sample's key where it has one; it makes no field.
inline constexpr std::string_view k_key_feature = "__key__";
inline constexpr size_t k_key_limit_bytes = 4096;

struct KeyedFields {
  std::span<const FieldBytes> fields;
  std::string_view key = {};
};
// Appends the sample's record. `extents` are told where each field's value lies in `bytes` as a
// scan of the file would say it, if there is room for them.
void append_tfrecord(const KeyedFields& sample, std::vector<std::byte>& bytes,
                     std::span<FieldExtent> extents = {});

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

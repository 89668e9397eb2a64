// TFRecord files of tf.train.Example: read with both checksums of each record checked.
// Layout: docs/formats/tfrecord.md. Thread safety: one owner. Invariant: nothing of a record is
// believed before its checksums hold.
#pragma once

#include "headrace/formats/byte_window.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_tfrecord_format;  // "tfrecord"

// What surrounds a record.
inline constexpr uint64_t k_tfrecord_head_bytes = 12, k_tfrecord_tail_bytes = 4;

class TfRecordSamples final : public SampleScanner {
 public:
  TfRecordSamples(ByteSource source, ScanFrom from)
      : window_(std::move(source)),
        at_bytes_(from.record_offset_bytes),
        sample_index_(from.sample_index),
        cut_member_(from.cut_member) {}
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;
  uint64_t next_offset_bytes() const { return at_bytes_; }  // of the record behind the last one

 private:
  ByteWindow window_;
  uint64_t at_bytes_;
  uint64_t sample_index_;
  CutMember cut_member_;
};

}  // namespace headrace::formats

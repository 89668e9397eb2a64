// Arrow IPC, files and streams, as Hugging Face's datasets keeps them: read in place, or unpacked
// where buffers are compressed. Layout: docs/formats/arrow.md. Thread safety: one owner. Memory:
// arrow_batch.h. Invariant: rows come in the file's order.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/arrow_batch.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_arrow_format;  // "arrow"

// Batches one by one, by the messages from front to back.
class ArrowBatches {
 public:
  explicit ArrowBatches(ByteSource source) : source_(std::move(source)) {}
  // Whether the first batch is compressed.
  std::expected<bool, ScanFailure> begins_compressed();
  // The next batch that has rows, stepping over those that lie before `skipped_count` rows without
  // reading them; nothing at the end. Columns borrow from this.
  std::expected<const ArrowBatch*, ScanFailure> next(uint64_t& skipped_count);
  uint64_t at_bytes() const { return at_bytes_; }
  const ByteSource& source() const { return source_; }

 private:
  struct Message {
    std::vector<std::byte> bytes;
    uint8_t kind = 0;
    uint64_t body_offset_bytes = 0, body_bytes = 0;
  };
  std::expected<std::optional<Message>, ScanFailure> next_message();
  std::expected<void, ScanFailure> open();
  std::expected<void, ScanFailure> take_dictionary(const Message& message);

  ByteSource source_;
  uint64_t at_bytes_ = 0;
  bool is_open_ = false;
  ArrowSchema schema_;
  ArrowDictionaries dictionaries_;
  ArrowBatch batch_;
};

class ArrowSamples final : public SampleScanner {
 public:
  ArrowSamples(ByteSource source, const ScanFrom& from)
      : batches_(std::move(source)),
        skipped_count_(from.sample_index),
        sample_index_(from.sample_index) {}
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  ArrowBatches batches_;
  uint64_t skipped_count_;
  uint64_t sample_index_;
  const ArrowBatch* batch_ = nullptr;
  uint64_t row_ = 0;
};

class ArrowRecords final : public RecordReader {
 public:
  explicit ArrowRecords(ByteSource source) : batches_(std::move(source)) {}
  std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override;
  uint64_t at_bytes() const override { return batches_.at_bytes(); }

 private:
  ArrowBatches batches_;
  const ArrowBatch* batch_ = nullptr;
  uint64_t row_ = 0;
  uint64_t record_count_ = 0;
  std::vector<std::vector<std::byte>> held_;  // numbers as text, values that lie uncompressed
  std::vector<FieldBytes> fields_;
};

}  // namespace headrace::formats

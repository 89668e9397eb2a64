// JSON lines: an object a line is a sample, its members are fields. Layout: docs/formats/jsonl.md.
// Thread safety: one owner. Memory: a megabyte, or the longest line. Invariant: lines come in the
// file's order.
#pragma once

#include <simdjson.h>

#include <deque>
#include <string>
#include <vector>

#include "headrace/formats/byte_stream.h"

namespace headrace::formats {

extern const ShardFormat k_jsonl_format;  // "jsonl"

class JsonLines final : public RecordReader {
 public:
  explicit JsonLines(ByteSource source) : stream_(open_stream(std::move(source))) {}
  // Of a block of whole lines, which simdjson's padding follows.
  struct Block {
    std::vector<std::byte> bytes;
    size_t size_bytes = 0;  // without the padding
    bool is_first = false;  // of its file
  };
  explicit JsonLines(Block block)
      : buffer_(std::move(block.bytes)),
        end_(block.size_bytes),
        at_end_(true),
        line_number_(block.is_first ? 0 : 1) {}
  std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override;
  uint64_t at_bytes() const override { return stream_ ? stream_->at_bytes() : end_; }

 private:
  using Done = std::expected<void, std::string>;

  std::expected<std::optional<std::string_view>, ScanFailure> next_line();
  std::expected<bool, ScanFailure> fill();  // false at the end
  Done take_line(std::string_view line);
  Done take_object(simdjson::dom::object object, const std::string& prefix, unsigned depth);
  std::string_view text_of_value(simdjson::dom::element value);
  Done sort_fields();
  std::string_view kept(std::string text) { return kept_.emplace_back(std::move(text)); }

  std::unique_ptr<ByteStream> stream_;
  std::vector<std::byte> buffer_;  // with the padding that simdjson reads beyond a line
  size_t begin_ = 0, end_ = 0;     // of what it holds
  size_t searched_ = 0;            // no line ends before
  bool at_end_ = false;
  uint64_t line_number_ = 0;
  uint64_t line_offset_bytes_ = 0;  // of this line, decompressed
  uint64_t next_offset_bytes_ = 0;
  simdjson::dom::parser parser_;
  std::deque<std::string> kept_;  // names and texts of this line that lie nowhere else
  std::vector<FieldBytes> fields_;
};

// Blocks of some megabytes, read and decompressed one after the other, parsed side by side.
class JsonBlocks final : public RecordParts {
 public:
  explicit JsonBlocks(ByteSource source) : stream_(open_stream(std::move(source))) {}
  std::expected<std::unique_ptr<RecordReader>, ScanFailure> next_part() override;
  uint64_t at_bytes() const override { return stream_->at_bytes(); }
  uint64_t part_bytes() const override;

 private:
  std::expected<void, ScanFailure> fill(JsonLines::Block& block);

  std::unique_ptr<ByteStream> stream_;
  std::vector<std::byte> begun_;  // of the line that the next block begins with
  bool is_first_ = true;
  bool at_end_ = false;
};

}  // namespace headrace::formats

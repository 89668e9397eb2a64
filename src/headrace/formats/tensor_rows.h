// Arrays of one length, side by side: row i of each of them is a field of sample i.
// Thread safety: one owner. Memory: a small window an array. Invariants: 1. arrays lie within the
// file, and a row of them is at least a byte, so that counts are no larger than the file; 2. rows
// that are one integer are kept in the index as a value.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

struct TensorColumn {
  std::string name = {};
  uint64_t offset_bytes = 0;
  uint64_t row_bytes = 0;
  std::optional<bool> integer_sign = {};  // whether it has one, where a row is one integer
};
struct TensorTable {
  uint64_t row_count = 0;
  std::vector<TensorColumn> columns = {};
};

class TensorRows final : public SampleScanner {
 public:
  using Read = std::expected<TensorTable, ScanFailure> (*)(const ByteSource& source);
  TensorRows(ByteSource source, const ScanFrom& from, Read read)
      : source_(std::move(source)), read_(read), row_(from.sample_index) {}
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  std::expected<void, ScanFailure> open();

  ByteSource source_;
  Read read_;
  uint64_t row_;
  std::optional<TensorTable> table_;
  std::vector<ByteWindow> windows_;  // one a column
};

}  // namespace headrace::formats

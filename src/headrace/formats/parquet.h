// Parquet files, read in place where a column's bytes lie whole. Layout: docs/formats/parquet.md.
// Thread safety: one owner. Memory: places of one row group's values. Invariant: rows come in the
// file's order.
#pragma once

#include <vector>

#include "headrace/formats/parquet_footer.h"

namespace headrace::formats {

extern const ShardFormat k_parquet_format;  // "parquet"

class ParquetSamples final : public SampleScanner {
 public:
  ParquetSamples(ByteSource source, ScanFrom from)
      : window_(std::move(source)), skipped_count_(from.sample_index) {}
  std::expected<std::optional<ScannedSample>, ScanFailure> next() override;

 private:
  std::expected<void, ScanFailure> open();
  std::expected<void, ScanFailure> read_group();

  ByteWindow window_;
  uint64_t skipped_count_;  // rows before the first one wanted
  std::optional<ParquetFooter> footer_;
  std::vector<size_t> read_columns_;  // those that make fields
  size_t next_group_ = 0;
  uint64_t first_row_ = 0;  // of the group that is read
  uint64_t row_ = 0;        // within it
  uint64_t row_count_ = 0;
  std::vector<std::vector<FieldExtent>> values_;  // one a column of read_columns_
};

}  // namespace headrace::formats

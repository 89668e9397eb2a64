// Parquet files whose values do not lie in them as they are, because pages are compressed or hold
// lists: row groups are decoded one after the other. Thread safety: one owner. Memory: one row
// group decoded. Invariant: rows come in the file's order.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/parquet_lists.h"

namespace headrace::formats {

// Null when all columns that make fields lie as they are, or the footer cannot be read (a scan says
// why).
std::unique_ptr<RecordReader> unpack_parquet(ByteSource source);

class ParquetRows final : public RecordReader {
 public:
  ParquetRows(ByteSource source, ParquetFooter footer);
  std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> next() override;
  uint64_t at_bytes() const override { return at_bytes_; }

 private:
  struct Column {
    size_t place = 0;  // among the footer's
    std::vector<std::byte> decoded = {};
    std::vector<FieldExtent> values = {};  // within `decoded`, one a row
    std::string text = {};                 // of this row's integer
    std::vector<std::byte> gathered = {};  // what `lists` point to
    std::vector<ParquetList> lists = {};   // one a row of a column of lists
  };
  std::optional<FieldBytes> field_of(Column& column);

  std::expected<void, ScanFailure> read_group();
  std::expected<void, ScanFailure> read_column(Column& column, size_t group_index);
  std::expected<void, ScanFailure> gather(Column& column, const ParquetLevels& levels,
                                          uint64_t offset_bytes);

  ByteWindow window_;
  ParquetFooter footer_;
  std::vector<Column> columns_;  // by their names, those that make fields
  std::vector<FieldBytes> fields_;
  size_t next_group_ = 0;
  uint64_t row_ = 0;  // within the group that is decoded
  uint64_t row_count_ = 0;
  uint64_t at_bytes_ = 0;
};

}  // namespace headrace::formats

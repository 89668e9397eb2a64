// Parquet files whose values do not lie in them as they are, because pages are compressed or hold
// lists: row groups are decoded, one after the other or in parts. Thread safety: one owner. Memory:
// one row group decoded, of each part that is read. Invariant: rows come in the file's order.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/parquet_lists.h"

namespace headrace::formats {

// Row groups of a file, of some megabytes each.
std::unique_ptr<RecordParts> parts_of_parquet(ByteSource source);

// Null when all columns that make fields lie as they are, or the footer cannot be read (a scan says
// why).
std::unique_ptr<RecordReader> unpack_parquet(ByteSource source);

class ParquetRows final : public RecordReader {
 public:
  struct Groups {
    size_t first;
    size_t end;
  };
  ParquetRows(ByteSource source, ParquetFooter footer);  // all groups
  ParquetRows(ByteSource source, std::shared_ptr<const ParquetFooter> footer, Groups groups);
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
  std::shared_ptr<const ParquetFooter> footer_;  // of all parts of the file
  std::vector<Column> columns_;                  // by their names, those that make fields
  std::vector<FieldBytes> fields_;
  size_t next_group_, end_group_;
  uint64_t row_ = 0;  // within the group that is decoded
  uint64_t row_count_ = 0;
  uint64_t at_bytes_ = 0;
};

class ParquetParts final : public RecordParts {
 public:
  ParquetParts(ByteSource source, std::shared_ptr<const ParquetFooter> footer)
      : source_(std::move(source)), footer_(std::move(footer)) {}
  std::expected<std::unique_ptr<RecordReader>, ScanFailure> next_part() override;
  uint64_t at_bytes() const override { return at_bytes_; }
  uint64_t part_bytes() const override;

 private:
  ByteSource source_;
  std::shared_ptr<const ParquetFooter> footer_;
  size_t next_group_ = 0;
  uint64_t at_bytes_ = 0;
};

}  // namespace headrace::formats

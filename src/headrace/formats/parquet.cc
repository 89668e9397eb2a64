// Groups before the first row wanted are stepped over by their counts.
#include "headrace/formats/parquet.h"

#include <algorithm>

#include "headrace/formats/index.h"
#include "headrace/formats/parquet_encoder.h"
#include "headrace/formats/parquet_pages.h"
#include "headrace/formats/parquet_rows.h"

namespace headrace::formats {
namespace {

bool is_parquet_name(std::string_view name) { return name.ends_with(".parquet"); }

bool begins_as_parquet(const ByteSource& source) {
  ByteWindow window(source);
  return read_parquet_footer(window).has_value();
}

std::unique_ptr<SampleScanner> scan_parquet(ByteSource source, ScanFrom from) {
  return std::make_unique<ParquetSamples>(std::move(source), from);
}

// Rows are counted from 0, within the file.
std::string place_in_parquet(const ByteSource& source, uint64_t row) {
  ByteWindow window(source);
  const auto footer = read_parquet_footer(window);
  size_t group = 0;
  uint64_t behind = 0;
  if (footer) {
    for (; group + 1 < footer->row_groups.size(); ++group) {
      behind += footer->row_groups[group].row_count;
      if (row < behind) break;
    }
  }
  return fmt::format("row group {}, row {}", group, row);
}

std::unique_ptr<ShardEncoder> encode_parquet(ShardEncoder::Sink sink) {
  return std::make_unique<ParquetEncoder>(std::move(sink));
}

}  // namespace

const ShardFormat k_parquet_format = {.name = "parquet",
                                      .suffix = ".parquet",
                                      .has_name = is_parquet_name,
                                      .begins = begins_as_parquet,
                                      .scan = scan_parquet,
                                      .encode = encode_parquet,
                                      .unpack = unpack_parquet,
                                      .in_stored_order = false,
                                      .place_of = place_in_parquet};

std::expected<std::optional<ScannedSample>, ScanFailure> ParquetSamples::next() {
  if (auto opened = open(); !opened) return std::unexpected(opened.error());
  while (row_ == row_count_) {
    if (next_group_ == footer_->row_groups.size()) return std::nullopt;
    if (auto read = read_group(); !read) return std::unexpected(read.error());
  }
  ScannedSample sample{.key = std::to_string(first_row_ + row_),
                       .record_offset_bytes = first_row_ + row_,
                       .fields = {}};
  for (size_t i = 0; i < read_columns_.size(); ++i) {
    const FieldExtent& value = values_[i][row_];
    if (value.length_bytes == k_absent) continue;
    const std::string& name = footer_->columns[read_columns_[i]].field_name;
    if (insert_field(sample, name, value)) continue;
    return std::unexpected(ScanFailure{fmt::format("two columns are named {}", name), 0});
  }
  ++row_;
  return sample;
}

std::expected<void, ScanFailure> ParquetSamples::open() {
  if (footer_) return {};
  auto footer = read_parquet_footer(window_);
  if (!footer) return std::unexpected(footer.error());
  footer_ = std::move(*footer);
  std::string compressed;  // a column of bytes that is, and no other lies whole
  bool has_bytes = false;
  for (size_t i = 0; i < footer_->columns.size(); ++i) {
    const ParquetColumn& column = footer_->columns[i];
    if (column.is_repeated()) continue;
    const bool is_integer = is_parquet_integer(column.type);
    const bool readable = is_integer || lies_whole(*footer_, i);
    if (readable) read_columns_.push_back(i);
    has_bytes |= readable && !is_integer;
    if (!readable) compressed = column.name;
  }
  if (!has_bytes && !compressed.empty()) {
    return std::unexpected(
        ScanFailure{fmt::format("column {} is compressed, so that no value of it lies whole; write "
                                "the file again with that column uncompressed",
                                compressed),
                    0});
  }
  if (read_columns_.size() > k_field_limit) {
    return std::unexpected(ScanFailure{
        fmt::format("it has {} columns; {} are read", read_columns_.size(), k_field_limit), 0});
  }
  return {};
}

std::expected<void, ScanFailure> ParquetSamples::read_group() {
  const ParquetRowGroup& group = footer_->row_groups[next_group_++];
  first_row_ += row_count_;
  row_ = 0;
  row_count_ = group.row_count;
  if (skipped_count_ >= row_count_) {
    skipped_count_ -= row_count_;
    row_ = row_count_;
    return {};
  }
  values_.clear();
  for (const size_t column : read_columns_) {
    auto values = read_parquet_chunk(window_, footer_->columns[column], group.chunks[column]);
    if (!values) return std::unexpected(values.error());
    if (values->size() != row_count_) {
      return std::unexpected(
          ScanFailure{fmt::format("column {} has {} values for {} rows",
                                  footer_->columns[column].name, values->size(), row_count_),
                      group.chunks[column].offset_bytes});
    }
    values_.push_back(std::move(*values));
  }
  row_ = std::exchange(skipped_count_, 0);
  return {};
}

}  // namespace headrace::formats

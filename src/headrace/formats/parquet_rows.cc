// Integers become decimal text, as in a tar; all else keeps its bytes.
#include "headrace/formats/parquet_rows.h"

#include <algorithm>

#include "headrace/formats/index.h"
#include "headrace/formats/parquet_pages.h"

namespace headrace::formats {

std::unique_ptr<RecordReader> unpack_parquet(ByteSource source) {
  ByteWindow window(source);
  auto footer = read_parquet_footer(window);
  if (!footer) return nullptr;
  for (size_t i = 0; i < footer->columns.size(); ++i) {
    const ParquetColumn& column = footer->columns[i];
    if (column.is_repeated || is_parquet_integer(column.type) || lies_whole(*footer, i)) continue;
    return std::make_unique<ParquetRows>(std::move(source), std::move(*footer));
  }
  return nullptr;
}

ParquetRows::ParquetRows(ByteSource source, ParquetFooter footer)
    : window_(std::move(source)), footer_(std::move(footer)) {
  for (size_t i = 0; i < footer_.columns.size(); ++i) {
    if (!footer_.columns[i].is_repeated) columns_.push_back({.place = i});
  }
  std::ranges::sort(columns_, {}, [&](const Column& column) -> const std::string& {
    return footer_.columns[column.place].name;
  });
}

std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> ParquetRows::next() {
  while (row_ == row_count_) {
    if (next_group_ == footer_.row_groups.size()) return std::nullopt;
    if (auto read = read_group(); !read) return std::unexpected(read.error());
  }
  fields_.clear();
  for (Column& column : columns_) {
    const FieldExtent& value = column.values[row_];
    if (value.length_bytes == k_absent) continue;
    auto bytes = std::as_bytes(std::span(column.text));
    if (value.length_bytes == k_inline) {
      column.text = std::to_string(static_cast<int64_t>(value.offset_bytes));
      bytes = std::as_bytes(std::span(column.text));
    } else {
      bytes = std::span(column.decoded).subspan(value.offset_bytes, value.length_bytes);
    }
    fields_.push_back({footer_.columns[column.place].name, bytes});
  }
  ++row_;
  return fields_;
}

std::expected<void, ScanFailure> ParquetRows::read_group() {
  if (columns_.size() > k_field_limit) {
    return std::unexpected(ScanFailure{
        fmt::format("it has {} columns; {} are read", columns_.size(), k_field_limit), 0});
  }
  const auto same = std::ranges::adjacent_find(columns_, {}, [&](const Column& column) {
    return std::string_view(footer_.columns[column.place].name);
  });
  if (same != columns_.end()) {
    return std::unexpected(
        ScanFailure{fmt::format("two columns are named {}", footer_.columns[same->place].name), 0});
  }
  const size_t group_index = next_group_++;
  row_ = 0;
  row_count_ = footer_.row_groups[group_index].row_count;
  for (Column& column : columns_) {
    auto read = read_column(column, group_index);
    if (read) continue;
    read.error().what = fmt::format("row group {}: {}", group_index, read.error().what);
    return read;
  }
  return {};
}

std::expected<void, ScanFailure> ParquetRows::read_column(Column& column, size_t group_index) {
  const ParquetChunk& chunk = footer_.row_groups[group_index].chunks[column.place];
  const ParquetColumn& facts = footer_.columns[column.place];
  column.decoded.clear();
  auto values = read_parquet_chunk(window_, facts, chunk, &column.decoded);
  if (!values) return std::unexpected(values.error());
  if (values->size() != row_count_) {
    return std::unexpected(ScanFailure{
        fmt::format("column {} has {} values for {} rows", facts.name, values->size(), row_count_),
        chunk.offset_bytes});
  }
  column.values = std::move(*values);
  at_bytes_ = std::max(at_bytes_, chunk.offset_bytes + chunk.length_bytes);
  return {};
}

}  // namespace headrace::formats

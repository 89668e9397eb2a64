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
    const bool as_it_is = is_parquet_integer(column.type) || lies_whole(*footer, i);
    if (as_it_is && !column.is_repeated()) continue;
    return std::make_unique<ParquetRows>(std::move(source), std::move(*footer));
  }
  return nullptr;
}

ParquetRows::ParquetRows(ByteSource source, ParquetFooter footer)
    : window_(std::move(source)), footer_(std::move(footer)) {
  for (size_t i = 0; i < footer_.columns.size(); ++i) columns_.push_back({.place = i});
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
    if (const auto field = field_of(column)) fields_.push_back(*field);
  }
  // Endings of names change the order that columns have.
  if (!std::ranges::is_sorted(fields_, {}, &FieldBytes::name)) {
    std::ranges::sort(fields_, {}, &FieldBytes::name);
  }
  ++row_;
  return fields_;
}

std::optional<FieldBytes> ParquetRows::field_of(Column& column) {
  const ParquetColumn& facts = footer_.columns[column.place];
  if (facts.is_repeated()) {
    const ParquetList& list = column.lists[row_];
    if (list.extent.length_bytes == k_absent) return std::nullopt;
    return FieldBytes{
        list.is_json ? facts.name : facts.field_name,
        std::span(column.gathered).subspan(list.extent.offset_bytes, list.extent.length_bytes)};
  }
  const FieldExtent& value = column.values[row_];
  if (value.length_bytes == k_absent) return std::nullopt;
  if (value.length_bytes == k_inline) {
    column.text = std::to_string(static_cast<int64_t>(value.offset_bytes));
    return FieldBytes{facts.field_name, std::as_bytes(std::span(column.text))};
  }
  return FieldBytes{facts.field_name,
                    std::span(column.decoded).subspan(value.offset_bytes, value.length_bytes)};
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
  ParquetLevels levels;
  column.decoded.clear();
  auto values =
      read_parquet_chunk(window_, facts, chunk, {.decoded = &column.decoded, .levels = &levels});
  if (!values) return std::unexpected(values.error());
  column.values = std::move(*values);
  at_bytes_ = std::max(at_bytes_, chunk.offset_bytes + chunk.length_bytes);
  if (facts.is_repeated()) {
    if (auto done = gather(column, levels, chunk.offset_bytes); !done) return done;
  }
  const size_t count = facts.is_repeated() ? column.lists.size() : column.values.size();
  if (count != row_count_) {
    return std::unexpected(ScanFailure{
        fmt::format("column {} has {} values for {} rows", facts.name, count, row_count_),
        chunk.offset_bytes});
  }
  return {};
}

std::expected<void, ScanFailure> ParquetRows::gather(Column& column, const ParquetLevels& levels,
                                                     uint64_t offset_bytes) {
  const ParquetColumn& facts = footer_.columns[column.place];
  column.gathered.clear();
  auto lists = gather_parquet_lists(facts, column.values, levels, column.decoded, column.gathered);
  if (!lists) {
    return std::unexpected(
        ScanFailure{fmt::format("column {}: {}", facts.name, lists.error()), offset_bytes});
  }
  column.lists = std::move(*lists);
  column.values = {};  // there is one an element
  return {};
}

}  // namespace headrace::formats

// Nothing is read but heads and integers.
#include "headrace/formats/tensor_rows.h"

#include "headrace/formats/index.h"
#include "headrace/formats/integers.h"

namespace headrace::formats {

std::expected<std::optional<ScannedSample>, ScanFailure> TensorRows::next() {
  if (!table_) {
    if (auto opened = open(); !opened) return std::unexpected(opened.error());
  }
  if (row_ >= table_->row_count) return std::nullopt;
  ScannedSample sample{.key = std::to_string(row_), .record_offset_bytes = row_, .fields = {}};
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    const TensorColumn& column = table_->columns[i];
    FieldExtent extent{.offset_bytes = column.offset_bytes + row_ * column.row_bytes,
                       .length_bytes = column.row_bytes};
    if (column.integer_sign) {
      const auto bytes = windows_[i].at(extent.offset_bytes, extent.length_bytes);
      if (!bytes) return std::unexpected(bytes.error());
      extent = {.offset_bytes = widened(*bytes, *column.integer_sign), .length_bytes = k_inline};
    }
    if (insert_field(sample, column.name, extent)) continue;
    return std::unexpected(ScanFailure{fmt::format("two arrays are named {}", column.name), 0});
  }
  ++row_;
  return sample;
}

std::expected<void, ScanFailure> TensorRows::open() {
  constexpr uint64_t k_integers_bytes = 64 << 10;
  auto table = read_(source_);
  if (!table) return std::unexpected(table.error());
  const auto fail = [](std::string what) { return std::unexpected(ScanFailure{what, 0}); };
  if (table->columns.size() > k_field_limit) {
    return fail(fmt::format("it has {} arrays; {} are read", table->columns.size(), k_field_limit));
  }
  for (const TensorColumn& column : table->columns) {
    const uint64_t left = source_.size_bytes - std::min(source_.size_bytes, column.offset_bytes);
    if (column.row_bytes == 0) return fail(fmt::format("a row of {} is empty", column.name));
    if (table->row_count > left / column.row_bytes) {
      return fail(fmt::format("{} leaves the file", column.name));
    }
    windows_.emplace_back(source_, k_integers_bytes);
  }
  table_ = std::move(*table);
  return {};
}

}  // namespace headrace::formats

// Ids and numbers are those of parquet.thrift.
#include "headrace/formats/parquet_encoder.h"

#include <algorithm>

#include "headrace/base/crc32c.h"
#include "headrace/base/error.h"
#include "headrace/formats/parquet_footer.h"
#include "headrace/formats/thrift_writer.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_group_bytes = uint64_t{32} << 20;
constexpr uint64_t k_field_limit_bytes = uint64_t{1} << 30;  // a page's size is an int32
constexpr int32_t k_int64 = 2, k_byte_array = 6, k_plain_values = 0, k_rle_levels = 3;

[[noreturn]] void refuse_parquet(std::string cause, std::string hint) {
  throw Error({.code = Code::unsupported,
               .action = "cannot write as Parquet",
               .object = "a sample",
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

template <typename T>
void put_number(std::vector<std::byte>& bytes, T value) {
  const auto raw = std::as_bytes(std::span(&value, 1));
  bytes.insert(bytes.end(), raw.begin(), raw.end());
}

std::vector<std::byte> page_header(std::span<const std::byte> body, uint64_t row_count) {
  const auto size = static_cast<int32_t>(body.size());
  ThriftWriter header;
  header.enter();
  header.i32(1, 0);
  header.i32(2, size);
  header.i32(3, size);
  header.i32(4, static_cast<int32_t>(crc32(body)));
  header.begin_struct(5);
  header.i32(1, static_cast<int32_t>(row_count));
  header.i32(2, k_plain_values);
  header.i32(3, k_rle_levels);
  header.i32(4, k_rle_levels);
  header.end_struct();
  header.end_struct();
  return header.bytes();
}

}  // namespace

uint64_t ParquetEncoder::size_bytes() const {
  uint64_t size = written_bytes_;
  for (const Column& column : columns_) size += column.body.size();
  return size;
}

void ParquetEncoder::append(std::span<const FieldBytes> fields) {
  if (columns_.empty()) {
    for (const FieldBytes& field : fields) {
      columns_.push_back({.name = std::string(field.name),
                          .is_integer = label_value(field).has_value(),
                          .body = {}});
    }
  }
  if (!std::ranges::equal(fields, columns_, {}, &FieldBytes::name, &Column::name)) {
    refuse_parquet(
        "it has other fields than the samples before it, and a file's have the same here",
        "pack as tar, or give pictures of one kind");
  }
  uint64_t size = 0;
  for (const FieldBytes& field : fields) size += field.bytes.size() + sizeof(uint64_t);
  if (size > k_field_limit_bytes) refuse_parquet("it has over 1 GiB", "pack as tar");
  if (row_count_ > 0 && size_bytes() - written_bytes_ + size > k_group_bytes) end_group();
  for (size_t i = 0; i < fields.size(); ++i) {
    std::vector<std::byte>& body = columns_[i].body;
    if (!columns_[i].is_integer) {
      put_number(body, static_cast<uint32_t>(fields[i].bytes.size()));
      body.insert(body.end(), fields[i].bytes.begin(), fields[i].bytes.end());
      continue;
    }
    const auto label = label_value(fields[i]);
    if (!label)
      refuse_parquet(columns_[i].name + " is no number, as it was before", "mend the label");
    put_number(body, *label);
  }
  ++row_count_;
}

void ParquetEncoder::finish() {
  if (row_count_ > 0) end_group();
  if (written_bytes_ == 0) put(std::as_bytes(std::span(k_parquet_magic)));
  std::vector<std::byte> end = footer();
  put_number(end, static_cast<uint32_t>(end.size()));
  const auto magic = std::as_bytes(std::span(k_parquet_magic));
  end.insert(end.end(), magic.begin(), magic.end());
  put(end);
}

void ParquetEncoder::end_group() {
  if (written_bytes_ == 0) put(std::as_bytes(std::span(k_parquet_magic)));
  Group group{.row_count = std::exchange(row_count_, 0), .chunks = {}};
  for (Column& column : columns_) {
    const uint64_t begin = written_bytes_;
    put(page_header(column.body, group.row_count));
    put(column.body);
    column.body.clear();
    group.chunks.push_back({begin, written_bytes_ - begin});
  }
  groups_.push_back(std::move(group));
}

void ParquetEncoder::put(std::span<const std::byte> bytes) {
  sink_(bytes);
  written_bytes_ += bytes.size();
}

std::vector<std::byte> ParquetEncoder::footer() const {
  ThriftWriter file;
  file.enter();
  file.i32(1, 2);
  file.begin_list(2, ThriftWriter::Item::structure, columns_.size() + 1);
  file.enter();
  file.text(4, "schema");
  file.i32(5, static_cast<int32_t>(columns_.size()));
  file.end_struct();
  for (const Column& column : columns_) {
    const bool is_text = column.name == "txt" || column.name == "json";
    file.enter();
    file.i32(1, column.is_integer ? k_int64 : k_byte_array);
    file.i32(3, 0);  // required
    file.text(4, column.name);
    if (is_text && !column.is_integer) file.i32(6, 0);  // UTF8
    file.end_struct();
  }
  uint64_t row_count = 0;
  for (const Group& group : groups_) row_count += group.row_count;
  file.i64(3, static_cast<int64_t>(row_count));
  file.begin_list(4, ThriftWriter::Item::structure, groups_.size());
  for (const Group& group : groups_) {
    uint64_t size_bytes = 0;
    file.enter();
    file.begin_list(1, ThriftWriter::Item::structure, columns_.size());
    for (size_t i = 0; i < columns_.size(); ++i) {
      const auto offset = static_cast<int64_t>(group.chunks[i].offset_bytes);
      const auto length = static_cast<int64_t>(group.chunks[i].length_bytes);
      size_bytes += group.chunks[i].length_bytes;
      file.enter();
      file.i64(2, offset);
      file.begin_struct(3);
      file.i32(1, columns_[i].is_integer ? k_int64 : k_byte_array);
      file.begin_list(2, ThriftWriter::Item::i32, 1);
      file.item_i32(k_plain_values);
      file.begin_list(3, ThriftWriter::Item::text, 1);
      file.item_text(columns_[i].name);
      file.i32(4, 0);  // no compression
      file.i64(5, static_cast<int64_t>(group.row_count));
      file.i64(6, length);
      file.i64(7, length);
      file.i64(9, offset);
      file.end_struct();
      file.end_struct();
    }
    file.i64(2, static_cast<int64_t>(size_bytes));
    file.i64(3, static_cast<int64_t>(group.row_count));
    file.end_struct();
  }
  file.text(6, "headrace " HEADRACE_VERSION);
  file.end_struct();
  return file.bytes();
}

}  // namespace headrace::formats

// u64 length of a JSON header, the header, the tensors' bytes without gaps.
#include "headrace/formats/safetensors.h"

#include <simdjson.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/endian.h"
#include "headrace/base/error.h"
#include "headrace/formats/tensor_rows.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_length_bytes = 8;
constexpr uint64_t k_header_limit_bytes = 100'000'000;  // as the format's own library
constexpr std::string_view k_metadata_key = "__metadata__";

using Tables = std::expected<TensorTable, ScanFailure>;

std::unexpected<ScanFailure> tensor_fail(std::string what) {
  return std::unexpected(ScanFailure{std::move(what), k_length_bytes});
}

struct Tensor {
  TensorColumn column = {};
  uint64_t begin_bytes = 0, end_bytes = 0;  // behind the header
  uint64_t row_count = 0;
};

std::optional<uint64_t> dtype_bytes(std::string_view dtype) {
  constexpr std::pair<std::string_view, uint64_t> k_sizes[] = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},   {"F8_E4M3", 1}, {"F8_E5M2", 1}, {"U16", 2},
      {"I16", 2},  {"F16", 2}, {"BF16", 2}, {"U32", 4},     {"I32", 4},     {"F32", 4},
      {"U64", 8},  {"I64", 8}, {"F64", 8},  {"C64", 8}};
  const auto found = std::ranges::find(k_sizes, dtype, [](const auto& size) { return size.first; });
  return found == std::end(k_sizes) ? std::nullopt : std::optional(found->second);
}

std::expected<Tensor, std::string> tensor_of(std::string_view name, simdjson::dom::element said) {
  const auto refuse = [&](std::string_view why) {
    return std::unexpected(fmt::format("tensor {}: {}", name, why));
  };
  std::string_view dtype;
  simdjson::dom::array shape, offsets;
  Tensor tensor;
  if (said["dtype"].get(dtype) || said["shape"].get(shape) || said["data_offsets"].get(offsets) ||
      offsets.size() != 2 || offsets.at(0).get(tensor.begin_bytes) ||
      offsets.at(1).get(tensor.end_bytes) || tensor.begin_bytes > tensor.end_bytes) {
    return refuse("it lacks dtype, shape and data_offsets");
  }
  if (name.empty() || name.size() > k_field_name_limit_bytes || name.contains('\0')) {
    return refuse("that is no field's name");
  }
  const auto element_bytes = dtype_bytes(dtype);
  if (!element_bytes) return refuse(fmt::format("{} is not read", dtype));
  if (shape.size() == 0) return refuse("it has no dimension, and rows are samples");
  uint64_t row_bytes = *element_bytes;
  bool is_first = true;
  for (const auto length : shape) {
    uint64_t count = 0;
    if (length.get(count)) return refuse("its shape is no list of counts");
    if (std::exchange(is_first, false)) {
      tensor.row_count = count;
    } else if (__builtin_mul_overflow(row_bytes, count, &row_bytes)) {
      return refuse("its shape is too large");
    }
  }
  uint64_t all_bytes = 0;
  if (__builtin_mul_overflow(row_bytes, tensor.row_count, &all_bytes) ||
      all_bytes != tensor.end_bytes - tensor.begin_bytes) {
    return refuse("its shape and its offsets disagree");
  }
  const bool is_integer = dtype[0] == 'U' || dtype[0] == 'I' || dtype == "BOOL";
  tensor.column = {.name = std::string(name),
                   .row_bytes = row_bytes,
                   .integer_sign = is_integer && shape.size() == 1 ? std::optional(dtype[0] == 'I')
                                                                   : std::nullopt};
  return tensor;
}

// Tensors fill what is behind the header, without gaps.
Tables table_of(std::vector<Tensor> tensors, uint64_t data_offset_bytes, uint64_t data_bytes) {
  std::ranges::sort(tensors, {}, [](const Tensor& tensor) {
    return std::pair(tensor.begin_bytes, tensor.end_bytes);
  });
  TensorTable table;
  uint64_t at = 0;
  for (Tensor& tensor : tensors) {
    if (tensor.begin_bytes != at) {
      return tensor_fail(
          fmt::format("tensor {} does not begin where the one before it ends", tensor.column.name));
    }
    at = tensor.end_bytes;
    if (tensor.row_count != tensors.front().row_count) {
      return tensor_fail(fmt::format(
          "tensor {} has {} rows and {} has {}; samples take one of each", tensor.column.name,
          tensor.row_count, tensors.front().column.name, tensors.front().row_count));
    }
    tensor.column.offset_bytes = data_offset_bytes + tensor.begin_bytes;
    table.columns.push_back(std::move(tensor.column));
    table.row_count = tensor.row_count;
  }
  if (at != data_bytes) return tensor_fail("its tensors do not end with the file");
  return table;
}

Tables read_safetensors(const ByteSource& source) {
  ByteWindow window(source, 64 << 10);
  const auto length = window.at(0, k_length_bytes);
  if (!length) return std::unexpected(length.error());
  const auto header_bytes = load_le<uint64_t>(length->data());
  if (header_bytes > std::min(k_header_limit_bytes, source.size_bytes - k_length_bytes)) {
    return tensor_fail(fmt::format("its header cannot have {} bytes", header_bytes));
  }
  const auto header = window.at(k_length_bytes, header_bytes);
  if (!header) return std::unexpected(header.error());
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  const simdjson::padded_string text(reinterpret_cast<const char*>(header->data()), header->size());
  if (parser.parse(text).get(object)) return tensor_fail("its header is no JSON object");
  std::vector<Tensor> tensors;
  for (const auto& [name, said] : object) {
    if (name == k_metadata_key) continue;
    auto tensor = tensor_of(name, said);
    if (!tensor) return tensor_fail(tensor.error());
    tensors.push_back(std::move(*tensor));
  }
  const uint64_t data_offset_bytes = k_length_bytes + header_bytes;
  return table_of(std::move(tensors), data_offset_bytes, source.size_bytes - data_offset_bytes);
}

bool begins_as_safetensors(const ByteSource& source) {
  std::array<std::byte, 9> head{};
  if (!read_fully(source, head, 0) || head.back() != std::byte{'{'}) return false;
  const auto header_bytes = load_le<uint64_t>(head.data());
  if (header_bytes == 0 || header_bytes > k_header_limit_bytes ||
      header_bytes > source.size_bytes - k_length_bytes) {
    return false;
  }
  ByteWindow window(source, header_bytes);
  const auto header = window.at(k_length_bytes, header_bytes);
  return header &&
         nlohmann::json::accept(reinterpret_cast<const char*>(header->data()),
                                reinterpret_cast<const char*>(header->data()) + header->size());
}

std::unique_ptr<SampleScanner> scan_safetensors(ByteSource source, ScanFrom from) {
  return std::make_unique<TensorRows>(std::move(source), from, read_safetensors);
}

std::unique_ptr<ShardEncoder> encode_safetensors(ShardEncoder::Sink sink) {
  return std::make_unique<SafetensorsEncoder>(std::move(sink));
}

[[noreturn]] void refuse_rows(std::string cause) {
  throw Error(
      {.code = Code::unsupported,
       .action = "cannot write as safetensors",
       .object = "a sample",
       .cause = std::move(cause),
       .hint = "a tensor has rows of one size; write pictures and texts as tar or parquet"});
}

}  // namespace

const ShardFormat k_safetensors_format = {
    .name = "safetensors",
    .suffix = ".safetensors",
    .has_name = [](std::string_view name) { return name.ends_with(".safetensors"); },
    .begins = begins_as_safetensors,
    .scan = scan_safetensors,
    .encode = encode_safetensors,
    .in_stored_order = false};

void SafetensorsEncoder::append(std::span<const FieldBytes> fields) {
  if (columns_.empty()) {
    for (const FieldBytes& field : fields) {
      const bool is_label = label_value(field).has_value();
      if (field.bytes.empty()) refuse_rows(fmt::format("{} is empty", field.name));
      if (!simdjson::validate_utf8(field.name.data(), field.name.size())) {
        refuse_rows("a field's name is not UTF-8, and the header is JSON");
      }
      columns_.push_back({.name = std::string(field.name),
                          .is_label = is_label,
                          .row_bytes = is_label ? sizeof(int64_t) : field.bytes.size()});
    }
  }
  if (!std::ranges::equal(fields, columns_, {}, &FieldBytes::name, &Column::name)) {
    refuse_rows("it has other fields than the samples before it");
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    Column& column = columns_[i];
    const auto label = column.is_label ? label_value(fields[i]) : std::nullopt;
    const auto row = label ? std::as_bytes(std::span(&*label, 1)) : fields[i].bytes;
    if (column.is_label != label.has_value() || row.size() != column.row_bytes) {
      refuse_rows(fmt::format("{} has {} bytes, and {} before", column.name, fields[i].bytes.size(),
                              column.is_label ? "was a number" : std::to_string(column.row_bytes)));
    }
    column.rows.insert(column.rows.end(), row.begin(), row.end());
    held_bytes_ += row.size();
  }
  ++row_count_;
}

void SafetensorsEncoder::finish() {
  auto header = nlohmann::ordered_json::object();
  uint64_t at = 0;
  for (const Column& column : columns_) {
    auto shape = nlohmann::ordered_json::array({row_count_});
    if (!column.is_label) shape.push_back(column.row_bytes);
    header[column.name] = {{"dtype", column.is_label ? "I64" : "U8"},
                           {"shape", shape},
                           {"data_offsets", {at, at + column.rows.size()}}};
    at += column.rows.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');  // tensors begin at a multiple of eight
  const uint64_t length = text.size();
  sink_(std::as_bytes(std::span(&length, 1)));
  sink_(std::as_bytes(std::span(text)));
  written_bytes_ = k_length_bytes + length;
  for (const Column& column : columns_) sink_(column.rows);
}

}  // namespace headrace::formats

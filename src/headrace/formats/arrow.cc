// A message: 0xFFFFFFFF, u32 size of its metadata, the metadata, its body. A file is a stream
// between two marks, with a footer that is not needed to read front to back.
#include "headrace/formats/arrow.h"

#include <algorithm>

#include "headrace/base/endian.h"
#include "headrace/formats/index.h"

namespace headrace::formats {
namespace {

constexpr std::string_view k_arrow_mark = "ARROW1";
constexpr uint64_t k_file_head_bytes = 8, k_prefix_bytes = 8;
constexpr uint32_t k_continuation = 0xffffffff;
constexpr uint64_t k_metadata_limit_bytes = uint64_t{256} << 20;
enum : uint8_t { k_schema_message = 1, k_dictionary_message, k_batch_message };

bool is_arrow_file(const ByteSource& source) {
  std::array<std::byte, k_arrow_mark.size()> head{};
  return read_fully(source, head, 0) && std::memcmp(head.data(), k_arrow_mark.data(), 6) == 0;
}

bool is_arrow_name(std::string_view name) {
  return name.ends_with(".arrow") || name.ends_with(".feather") || name.ends_with(".ipc");
}

std::unexpected<ScanFailure> ipc_fail(std::string what, uint64_t offset_bytes) {
  return std::unexpected(ScanFailure{std::move(what), offset_bytes});
}

std::unexpected<ScanFailure> row_fail(const ArrowColumn& column, uint64_t row,
                                      const std::string& what, uint64_t offset_bytes) {
  return ipc_fail(fmt::format("row {}, column {}: {}", row, column.name(), what), offset_bytes);
}

bool begins_as_arrow(const ByteSource& source) {
  std::array<std::byte, k_prefix_bytes> prefix{};
  if (is_arrow_file(source)) return true;
  if (!read_fully(source, prefix, 0) || load_le<uint32_t>(prefix.data()) != k_continuation) {
    return false;
  }
  return ArrowBatches(source).begins_compressed().has_value();
}

std::unique_ptr<SampleScanner> scan_arrow(ByteSource source, ScanFrom from) {
  return std::make_unique<ArrowSamples>(std::move(source), from);
}

std::unique_ptr<RecordReader> unpack_arrow(ByteSource source) {
  if (!ArrowBatches(source).begins_compressed().value_or(false)) return nullptr;
  return std::make_unique<ArrowRecords>(std::move(source));
}

}  // namespace

const ShardFormat k_arrow_format = {.name = "arrow",
                                    .suffix = ".arrow",
                                    .has_name = is_arrow_name,
                                    .begins = begins_as_arrow,
                                    .scan = scan_arrow,
                                    .unpack = unpack_arrow,
                                    .in_stored_order = false};

std::expected<std::optional<ArrowBatches::Message>, ScanFailure> ArrowBatches::next_message() {
  std::array<std::byte, k_prefix_bytes> prefix{};
  const uint64_t begin = at_bytes_;
  if (!read_fully(source_, prefix, begin)) {
    return ipc_fail("it ends without the mark of its end: it is cut short", begin);
  }
  const uint64_t size_bytes = load_le<uint32_t>(prefix.data() + 4);
  if (load_le<uint32_t>(prefix.data()) != k_continuation) {
    return ipc_fail("no message begins there", begin);
  }
  if (size_bytes == 0) return std::nullopt;
  const uint64_t left = source_.size_bytes - begin - k_prefix_bytes;
  if (size_bytes > std::min(left, k_metadata_limit_bytes)) {
    return ipc_fail(fmt::format("a message of {} bytes leaves the file", size_bytes), begin);
  }
  Message message{.bytes = std::vector<std::byte>(size_bytes)};
  if (auto read = read_fully(source_, message.bytes, begin + k_prefix_bytes); !read) {
    return std::unexpected(read.error());
  }
  const auto table = FlatTable::root(message.bytes);
  if (!table) return ipc_fail("a message is no table", begin);
  message.kind = table->number<uint8_t>(1);
  message.body_offset_bytes = begin + k_prefix_bytes + size_bytes;
  message.body_bytes = table->number<uint64_t>(3);
  if (message.body_bytes > left - size_bytes) {
    return ipc_fail("the body of a message leaves the file: it is cut short", begin);
  }
  if (!table->table(2)) return ipc_fail("a message has no header", begin);
  at_bytes_ = message.body_offset_bytes + message.body_bytes;
  return message;
}

std::expected<void, ScanFailure> ArrowBatches::open() {
  if (std::exchange(is_open_, true)) return {};
  if (is_arrow_file(source_)) {
    std::array<std::byte, k_arrow_mark.size()> tail{};
    at_bytes_ = k_file_head_bytes;
    if (source_.size_bytes < 2 * k_file_head_bytes ||
        !read_fully(source_, tail, source_.size_bytes - tail.size()) ||
        std::memcmp(tail.data(), k_arrow_mark.data(), tail.size()) != 0) {
      return ipc_fail("it does not end as it begins: it is cut short", source_.size_bytes);
    }
  }
  const auto message = next_message();
  if (!message) return std::unexpected(message.error());
  if (!*message || (*message)->kind != k_schema_message) {
    return ipc_fail("its first message is no schema", 0);
  }
  auto schema = arrow_schema(*FlatTable::root((*message)->bytes)->table(2));
  if (!schema) return ipc_fail(schema.error(), 0);
  schema_ = std::move(*schema);
  return {};
}

std::expected<bool, ScanFailure> ArrowBatches::begins_compressed() {
  if (auto opened = open(); !opened) return std::unexpected(opened.error());
  while (true) {
    const auto message = next_message();
    if (!message) return std::unexpected(message.error());
    if (!*message) return false;
    const auto header = *FlatTable::root((*message)->bytes)->table(2);
    if ((*message)->kind == k_batch_message) return is_compressed(header);
    const auto values = header.table(1);
    if ((*message)->kind == k_dictionary_message && values && is_compressed(*values)) return true;
  }
}

std::expected<void, ScanFailure> ArrowBatches::take_dictionary(const Message& message) {
  const auto header = *FlatTable::root(message.bytes)->table(2);
  const auto values = header.table(1);
  const auto number = header.number<int64_t>(0);
  const auto field = schema_.dictionaries.find(number);
  if (!values || field == schema_.dictionaries.end()) {
    return ipc_fail(fmt::format("dictionary {} is not in the schema", number),
                    message.body_offset_bytes);
  }
  if (header.number<uint8_t>(2) != 0) {
    return ipc_fail("it adds to a dictionary, which is not read; write it as one table",
                    message.body_offset_bytes);
  }
  auto read = read_arrow_batch(source_,
                               {.batch = *values,
                                .body_offset_bytes = message.body_offset_bytes,
                                .body_bytes = message.body_bytes},
                               std::span(&field->second, 1), dictionaries_);
  if (!read) return std::unexpected(read.error());
  dictionaries_[number] = std::move(*read);
  return {};
}

std::expected<const ArrowBatch*, ScanFailure> ArrowBatches::next(uint64_t& skipped_count) {
  if (auto opened = open(); !opened) return std::unexpected(opened.error());
  while (true) {
    const auto message = next_message();
    if (!message) return std::unexpected(message.error());
    if (!*message) return nullptr;
    const auto header = *FlatTable::root((*message)->bytes)->table(2);
    if ((*message)->kind == k_dictionary_message) {
      if (auto taken = take_dictionary(**message); !taken) return std::unexpected(taken.error());
      continue;
    }
    if ((*message)->kind != k_batch_message) {
      return ipc_fail("a message is neither batch nor dictionary", (*message)->body_offset_bytes);
    }
    const auto row_count = header.number<uint64_t>(0);
    if (row_count <= skipped_count) {
      skipped_count -= row_count;
      continue;
    }
    auto batch = read_arrow_batch(source_,
                                  {.batch = header,
                                   .body_offset_bytes = (*message)->body_offset_bytes,
                                   .body_bytes = (*message)->body_bytes},
                                  schema_.fields, dictionaries_);
    if (!batch) return std::unexpected(batch.error());
    if (batch->columns.empty() || batch->columns.size() > k_field_limit) {
      return ipc_fail(fmt::format("it has {} columns that make fields; 1 to {} are read",
                                  batch->columns.size(), k_field_limit),
                      0);
    }
    batch_ = std::move(*batch);
    return &batch_;
  }
}

std::expected<std::optional<ScannedSample>, ScanFailure> ArrowSamples::next() {
  if (batch_ == nullptr || row_ == batch_->row_count) {
    const auto batch = batches_.next(skipped_count_);
    if (!batch) return std::unexpected(batch.error());
    if (*batch == nullptr) return std::nullopt;
    if ((*batch)->is_compressed) {
      return ipc_fail("a batch is compressed, and the first one is not", batches_.at_bytes());
    }
    batch_ = *batch;
    row_ = std::exchange(skipped_count_, 0);
  }
  ScannedSample sample{
      .key = std::to_string(sample_index_), .record_offset_bytes = sample_index_, .fields = {}};
  for (const ArrowColumn& column : batch_->columns) {
    const auto value = column.value(row_);
    if (!value) return row_fail(column, sample_index_, value.error(), batches_.at_bytes());
    FieldExtent extent{.offset_bytes = value->file_offset_bytes,
                       .length_bytes = value->length_bytes};
    if (value->kind == ArrowValue::Kind::absent) continue;
    if (value->kind == ArrowValue::Kind::number) {
      extent = {.offset_bytes = value->number, .length_bytes = k_inline};
    }
    if (insert_field(sample, column.name(), extent)) continue;
    return row_fail(column, sample_index_, "another column has this name", batches_.at_bytes());
  }
  ++row_;
  ++sample_index_;
  return sample;
}

std::expected<std::optional<std::span<const FieldBytes>>, ScanFailure> ArrowRecords::next() {
  if (batch_ == nullptr || row_ == batch_->row_count) {
    uint64_t none_skipped = 0;
    const auto batch = batches_.next(none_skipped);
    if (!batch) return std::unexpected(batch.error());
    if (*batch == nullptr) return std::nullopt;
    batch_ = *batch;
    row_ = 0;
  }
  fields_.clear();
  held_.clear();
  held_.reserve(batch_->columns.size());  // views into it stay
  for (const ArrowColumn& column : batch_->columns) {
    const auto value = column.value(row_);
    if (!value) return row_fail(column, record_count_, value.error(), at_bytes());
    if (value->kind == ArrowValue::Kind::absent) continue;
    std::span<const std::byte> bytes = value->bytes;
    if (value->kind == ArrowValue::Kind::number) {
      const std::string text = std::to_string(static_cast<int64_t>(value->number));
      const auto raw = std::as_bytes(std::span(text));
      bytes = held_.emplace_back(raw.begin(), raw.end());
    } else if (bytes.size() != value->length_bytes) {  // this batch is not compressed
      held_.emplace_back(value->length_bytes);
      if (auto read = read_fully(batches_.source(), held_.back(), value->file_offset_bytes);
          !read) {
        return std::unexpected(read.error());
      }
      bytes = held_.back();
    }
    fields_.push_back({column.name(), bytes});
  }
  std::ranges::sort(fields_, {}, &FieldBytes::name);
  const auto twice = std::ranges::adjacent_find(fields_, {}, &FieldBytes::name);
  if (twice != fields_.end()) {
    return ipc_fail(fmt::format("two columns are named {}", twice->name), 0);
  }
  ++row_;
  ++record_count_;
  return fields_;
}

}  // namespace headrace::formats

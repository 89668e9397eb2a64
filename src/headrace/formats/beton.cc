// Header, field descriptions, one record a sample, pages of bytes, the table of allocations. A
// record is numpy's aligned struct of its fields, in which nested structs align to one byte.
#include "headrace/formats/beton.h"

#include <algorithm>

#include "headrace/base/endian.h"
#include "headrace/formats/index.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_beton_header_bytes = 24, k_description_bytes = 1041, k_allocation_bytes = 24;
constexpr size_t k_name_bytes = 16;
constexpr uint16_t k_beton_version = 2;

std::unexpected<ScanFailure> fail(std::string what, uint64_t offset_bytes) {
  return std::unexpected(ScanFailure{std::move(what), offset_bytes});
}

struct Shape {
  uint64_t size_bytes, alignment;
};
Shape shape_of(BetonField::Type type) {
  switch (type) {
    case BetonField::Type::image:
      return {13, 1};  // u8 mode, u16 width, u16 height, u64 pointer
    case BetonField::Type::bytes:
    case BetonField::Type::json:
      return {16, 1};  // u64 pointer, u64 size
    default:
      return {8, 8};  // a number, or a pointer
  }
}
constexpr uint64_t k_image_pointer_at = 5;

uint64_t aligned(uint64_t offset, uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

std::expected<BetonField, ScanFailure> read_field(ByteWindow& window, uint64_t at) {
  const auto bytes = window.at(at, k_description_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  const auto type = static_cast<uint8_t>((*bytes)[0]);
  const std::string_view padded(reinterpret_cast<const char*>(bytes->data()) + 1, k_name_bytes);
  const std::string_view name = padded.substr(0, padded.find('\0'));
  if (type > static_cast<uint8_t>(BetonField::Type::tensor)) {
    return fail(fmt::format("a field has the type {}, which is not FFCV's own", type), at);
  }
  if (name.empty()) return fail("a field has no name", at);
  return BetonField{.type = static_cast<BetonField::Type>(type), .name = std::string(name)};
}

bool is_beton_name(std::string_view name) { return name.ends_with(".beton"); }

bool begins_as_beton(const ByteSource& source) {
  ByteWindow window(source);
  return read_beton_head(window).has_value();
}

std::unique_ptr<SampleScanner> scan_beton(ByteSource source, ScanFrom from) {
  return std::make_unique<BetonSamples>(std::move(source), from);
}

}  // namespace

const ShardFormat k_beton_format = {.name = "beton",
                                    .suffix = ".beton",
                                    .has_name = is_beton_name,
                                    .begins = begins_as_beton,
                                    .scan = scan_beton,
                                    .in_stored_order = false};

std::expected<BetonHead, ScanFailure> read_beton_head(ByteWindow& window) {
  const auto header = window.at(0, k_beton_header_bytes);
  if (!header) return fail("the file ends within its header", 0);
  const auto version = load_le<uint16_t>(header->data());
  const auto field_count = load_le<uint16_t>(header->data() + 2);
  BetonHead head{.sample_count = load_le<uint64_t>(header->data() + 8),
                 .table_offset_bytes = load_le<uint64_t>(header->data() + 16),
                 .records_offset_bytes = k_beton_header_bytes + field_count * k_description_bytes,
                 .fields = {}};
  if (version != k_beton_version) return fail(fmt::format("version {} is not 2", version), 0);
  if (field_count == 0 || field_count > k_field_limit) {
    return fail(fmt::format("{} fields; 1 to {} are read", field_count, k_field_limit), 2);
  }
  for (uint64_t i = 0; i < field_count; ++i) {
    auto field = read_field(window, k_beton_header_bytes + i * k_description_bytes);
    if (!field) return std::unexpected(field.error());
    const auto [size_bytes, alignment] = shape_of(field->type);
    field->offset_bytes = aligned(head.record_bytes, alignment);
    head.record_bytes = field->offset_bytes + size_bytes;
    head.fields.push_back(std::move(*field));
  }
  uint64_t widest = 1;
  for (const BetonField& field : head.fields) {
    widest = std::max(widest, shape_of(field.type).alignment);
  }
  head.record_bytes = aligned(head.record_bytes, widest);
  const uint64_t size_bytes = window.size_bytes();
  if (head.table_offset_bytes < head.records_offset_bytes || head.table_offset_bytes > size_bytes ||
      (size_bytes - head.table_offset_bytes) % k_allocation_bytes != 0) {
    return fail(fmt::format("the table of allocations cannot lie at byte {} of {}",
                            head.table_offset_bytes, size_bytes),
                16);
  }
  if (head.sample_count >
      (head.table_offset_bytes - head.records_offset_bytes) / head.record_bytes) {
    return fail(fmt::format("{} samples leave the file", head.sample_count), 8);
  }
  return head;
}

std::expected<std::optional<ScannedSample>, ScanFailure> BetonSamples::next() {
  if (!head_) {
    auto head = read_beton_head(window_);
    if (!head) return std::unexpected(head.error());
    head_ = std::move(*head);
    if (auto read = read_table(); !read) return std::unexpected(read.error());
  }
  if (sample_index_ >= head_->sample_count) return std::nullopt;
  const uint64_t at = head_->records_offset_bytes + sample_index_ * head_->record_bytes;
  const auto record = window_.at(at, head_->record_bytes);
  if (!record) return std::unexpected(record.error());
  ScannedSample sample{
      .key = std::to_string(sample_index_), .record_offset_bytes = at, .fields = {}};
  for (const BetonField& field : head_->fields) {
    const auto extent = value(field, record->subspan(field.offset_bytes));
    if (!extent) return std::unexpected(extent.error());
    if (insert_field(sample, field.name, *extent)) continue;
    return fail(fmt::format("two fields are named '{}'", field.name), k_beton_header_bytes);
  }
  ++sample_index_;
  return sample;
}

std::expected<void, ScanFailure> BetonSamples::read_table() {
  const uint64_t table = head_->table_offset_bytes;
  const uint64_t count = (window_.size_bytes() - table) / k_allocation_bytes;
  allocations_.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t at = table + i * k_allocation_bytes;
    const auto entry = window_.at(at, k_allocation_bytes);
    if (!entry) return std::unexpected(entry.error());
    const Allocation allocation{.offset_bytes = load_le<uint64_t>(entry->data() + 8),
                                .length_bytes = load_le<uint64_t>(entry->data() + 16),
                                .sample_id = load_le<uint64_t>(entry->data())};
    if (allocation.offset_bytes > table ||
        allocation.length_bytes > table - allocation.offset_bytes) {
      return fail(fmt::format("an allocation of {} bytes at {} leaves the pages",
                              allocation.length_bytes, allocation.offset_bytes),
                  at);
    }
    if (allocation.sample_id >= head_->sample_count) {
      return fail(fmt::format("an allocation belongs to sample {} of {}", allocation.sample_id,
                              head_->sample_count),
                  at);
    }
    allocations_.push_back(allocation);
  }
  std::ranges::sort(allocations_, {}, &Allocation::offset_bytes);
  return {};
}

std::expected<FieldExtent, ScanFailure> BetonSamples::value(
    const BetonField& field, std::span<const std::byte> record) const {
  using Type = BetonField::Type;
  const uint64_t at = head_->records_offset_bytes + sample_index_ * head_->record_bytes;
  if (field.type == Type::integer) {
    return FieldExtent{.offset_bytes = load_le<uint64_t>(record.data()), .length_bytes = k_inline};
  }
  if (field.type == Type::decimal) {
    return FieldExtent{.offset_bytes = at + field.offset_bytes, .length_bytes = sizeof(double)};
  }
  const uint64_t pointer_at = field.type == Type::image ? k_image_pointer_at : 0;
  const auto pointer = load_le<uint64_t>(record.data() + pointer_at);
  const auto found = std::ranges::lower_bound(allocations_, pointer, {}, &Allocation::offset_bytes);
  if (found == allocations_.end() || found->offset_bytes != pointer ||
      found->sample_id != sample_index_) {
    return fail(fmt::format("field '{}' of sample {} points to byte {}, where nothing of it lies",
                            field.name, sample_index_, pointer),
                at + field.offset_bytes + pointer_at);
  }
  const bool says_size = field.type == Type::bytes || field.type == Type::json;
  if (says_size && load_le<uint64_t>(record.data() + 8) != found->length_bytes) {
    return fail(fmt::format("field '{}' of sample {} has another size than its allocation",
                            field.name, sample_index_),
                at + field.offset_bytes + 8);
  }
  return FieldExtent{.offset_bytes = pointer, .length_bytes = found->length_bytes};
}

}  // namespace headrace::formats

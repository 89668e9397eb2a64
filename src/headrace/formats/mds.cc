// u32 n, n + 1 offsets, the configuration as JSON, samples. A sample: the u32 sizes of its columns
// without a fixed one, then the values.
#include "headrace/formats/mds.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headrace/base/endian.h"
#include "headrace/codec/elements.h"
#include "headrace/formats/index.h"
#include "headrace/formats/integers.h"
#include "headrace/formats/mds_encoder.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_config_limit_bytes = uint64_t{1} << 20;

std::unexpected<ScanFailure> fail(std::string what, uint64_t offset_bytes) {
  return std::unexpected(ScanFailure{std::move(what), offset_bytes});
}

// "ndarray", "ndarray:int32", "ndarray:int32:3,4" (the numbers alone), "float64".
codec::Stored stored_as(const MdsColumn& column) {
  std::string_view rest = column.encoding;
  constexpr std::string_view k_array = "ndarray";
  const bool is_array = rest.starts_with(k_array);
  if (rest == k_array) return {codec::Elements::array};
  if (!is_array) {
    const codec::Elements elements = codec::elements_of(rest);
    const bool is_float = elements >= codec::Elements::f16 && elements <= codec::Elements::f64;
    return {is_float && codec::size_of(elements) == column.size_bytes ? elements
                                                                      : codec::Elements::text};
  }
  rest.remove_prefix(std::min(k_array.size() + 1, rest.size()));
  const size_t colon = std::min(rest.find(':'), rest.size());
  return {.elements = codec::elements_of(rest.substr(0, colon)), .is_shaped = colon == rest.size()};
}

// Columns by name, as they lie in a sample.
std::optional<std::vector<MdsColumn>> columns_of(const nlohmann::json& config) {
  const auto list = [&](const char* key) { return config.value(key, nlohmann::json()); };
  const auto names = list("column_names"), encodings = list("column_encodings"),
             sizes = list("column_sizes");
  std::vector<MdsColumn> columns;
  if (!names.is_array() || names.size() > k_field_limit) return std::nullopt;
  if (!encodings.is_array() || encodings.size() != names.size()) return std::nullopt;
  if (!sizes.is_array() || sizes.size() != names.size()) return std::nullopt;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!names[i].is_string() || !encodings[i].is_string()) return std::nullopt;
    if (!sizes[i].is_null() && !sizes[i].is_number_unsigned()) return std::nullopt;
    columns.push_back({.name = names[i],
                       .encoding = encodings[i],
                       .size_bytes = sizes[i].is_null() ? 0 : sizes[i].get<uint64_t>()});
    const std::string& name = columns.back().name;
    if (name.empty() || name.size() > k_field_name_limit_bytes || name.contains('\0')) {
      return std::nullopt;
    }
    if (i > 0 && columns[i - 1].name >= name) return std::nullopt;
    columns.back().field_name = codec::typed(name, stored_as(columns.back()));
  }
  return columns;
}

// Of an encoding that is an integer of its size: whether it has a sign. Others: nothing.
std::optional<bool> integer_sign(const MdsColumn& column) {
  const auto is = [&](std::string_view name, uint64_t size) {
    return column.encoding == name && column.size_bytes == size;
  };
  if (is("int", 8) || is("int64", 8) || is("int32", 4) || is("int16", 2) || is("int8", 1)) {
    return true;
  }
  if (is("uint64", 8) || is("uint32", 4) || is("uint16", 2) || is("uint8", 1)) return false;
  return std::nullopt;
}

bool is_mds_name(std::string_view name) { return name.ends_with(".mds"); }

bool begins_as_mds(const ByteSource& source) {
  ByteWindow window(source);
  return read_mds_head(window).has_value();
}

std::unique_ptr<SampleScanner> scan_mds(ByteSource source, ScanFrom from) {
  return std::make_unique<MdsSamples>(std::move(source), from);
}

std::unique_ptr<ShardEncoder> encode_mds(ShardEncoder::Sink sink) {
  return std::make_unique<MdsEncoder>(std::move(sink));
}

}  // namespace

const ShardFormat k_mds_format = {.name = "mds",
                                  .suffix = ".mds",
                                  .has_name = is_mds_name,
                                  .begins = begins_as_mds,
                                  .scan = scan_mds,
                                  .encode = encode_mds,
                                  .describe_folder = write_mds_index};

std::expected<MdsHead, ScanFailure> read_mds_head(ByteWindow& window) {
  const auto first = window.at(0, 8);
  if (!first) return fail("the file ends within its head", 0);
  MdsHead head{.sample_count = load_le<uint32_t>(first->data()),
               .first_offset_bytes = load_le<uint32_t>(first->data() + 4)};
  const uint64_t table_end = 4 + 4 * (uint64_t{head.sample_count} + 1);
  if (head.first_offset_bytes > window.size_bytes() || head.first_offset_bytes < table_end ||
      head.first_offset_bytes - table_end > k_config_limit_bytes) {
    return fail(fmt::format("its first sample cannot lie at byte {}", head.first_offset_bytes), 4);
  }
  const auto last = window.at(table_end - 4, 4);
  if (!last) return std::unexpected(last.error());
  if (load_le<uint32_t>(last->data()) != window.size_bytes()) {
    return fail("its last sample does not end with the file", table_end - 4);
  }
  const auto config = window.at(table_end, head.first_offset_bytes - table_end);
  if (!config) return std::unexpected(config.error());
  head.config.assign(reinterpret_cast<const char*>(config->data()), config->size());
  const auto parsed = nlohmann::json::parse(head.config, nullptr, false);
  if (!parsed.is_object()) return fail("its configuration is no JSON object", table_end);
  auto columns = columns_of(parsed);
  if (!columns) return fail("its configuration does not say its columns", table_end);
  head.columns = std::move(*columns);
  return head;
}

std::expected<std::optional<ScannedSample>, ScanFailure> MdsSamples::next() {
  if (!head_) {
    auto head = read_mds_head(offsets_);
    if (!head) return std::unexpected(head.error());
    head_ = std::move(*head);
  }
  if (sample_index_ >= head_->sample_count) return std::nullopt;
  const auto record = next_record();
  if (!record) return std::unexpected(record.error());
  ScannedSample sample{.key = std::to_string(sample_index_),
                       .record_offset_bytes = record->offset_bytes,
                       .fields = {}};
  const auto variable_count = std::ranges::count(head_->columns, 0U, &MdsColumn::size_bytes);
  uint64_t size_at = record->offset_bytes;
  uint64_t value_at = size_at + 4 * static_cast<uint64_t>(variable_count);
  const uint64_t end = record->offset_bytes + record->length_bytes;
  for (const MdsColumn& column : head_->columns) {
    uint64_t size_bytes = column.size_bytes;
    if (size_bytes == 0) {
      const auto said = bodies_.at(size_at, 4);
      if (!said) return std::unexpected(said.error());
      size_bytes = load_le<uint32_t>(said->data());
      size_at += 4;
    }
    if (value_at > end || size_bytes > end - value_at) {
      return fail("a column leaves its sample", record->offset_bytes);
    }
    const auto extent = value(column, {value_at, size_bytes});
    if (!extent) return std::unexpected(extent.error());
    insert_field(sample, column.field_name, *extent);
    value_at += size_bytes;
  }
  if (value_at != end) {
    return fail("a sample is longer than its columns", record->offset_bytes);
  }
  ++sample_index_;
  return sample;
}

std::expected<MdsSamples::Extent, ScanFailure> MdsSamples::next_record() {
  const uint64_t entry = 4 + 4 * sample_index_;
  const auto places = offsets_.at(entry, 8);
  if (!places) return std::unexpected(places.error());
  const uint64_t begin = load_le<uint32_t>(places->data());
  const uint64_t end = load_le<uint32_t>(places->data() + 4);
  if (begin > end || begin < head_->first_offset_bytes || end > bodies_.size_bytes()) {
    return fail(fmt::format("sample {} cannot lie from {} to {}", sample_index_, begin, end),
                entry);
  }
  return Extent{begin, end - begin};
}

std::expected<FieldExtent, ScanFailure> MdsSamples::value(const MdsColumn& column,
                                                          const Extent& place) {
  const auto is_signed = integer_sign(column);
  if (!is_signed) {
    return FieldExtent{.offset_bytes = place.offset_bytes, .length_bytes = place.length_bytes};
  }
  const auto bytes = bodies_.at(place.offset_bytes, place.length_bytes);
  if (!bytes) return std::unexpected(bytes.error());
  return FieldExtent{.offset_bytes = widened(*bytes, *is_signed), .length_bytes = k_inline};
}

}  // namespace headrace::formats

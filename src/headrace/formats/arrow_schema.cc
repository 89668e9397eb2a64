// Numbers of fields and types are those of Arrow's Schema.fbs.
#include "headrace/formats/arrow_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {
namespace {

constexpr unsigned k_arrow_depth_limit = 16;
constexpr size_t k_arrow_field_limit = 4096;  // of a schema, also those that make no field
// Schema.fbs, union Type.
enum : uint8_t {
  k_null = 1,
  k_int,
  k_float,
  k_binary,
  k_utf8,
  k_bool,
  k_decimal,
  k_date,
  k_time,
  k_timestamp,
  k_interval,
  k_list,
  k_struct,
  k_union,
  k_fixed_binary,
  k_fixed_list,
  k_map,
  k_duration,
  k_large_binary,
  k_large_utf8,
  k_large_list,
  k_run_end
};

using Parsed = std::expected<ArrowField, std::string>;

void set_plain(ArrowField& field, ArrowKind kind, uint64_t width_bytes, size_t buffer_count) {
  field.kind = kind;
  field.width_bytes = width_bytes;
  field.buffer_count = buffer_count;
}

void set_integer(ArrowField& field, uint64_t width_bytes, bool is_signed) {
  set_plain(field, ArrowKind::integer, width_bytes, 2);
  field.is_signed = is_signed;
}

bool set_number(ArrowField& field, uint8_t kind, const FlatTable& type) {
  switch (kind) {
    case k_int: {
      const auto bits = type.number<int32_t>(0);
      if (bits != 8 && bits != 16 && bits != 32 && bits != 64) return false;
      set_integer(field, static_cast<uint64_t>(bits) / 8, type.number<uint8_t>(1) != 0);
      return true;
    }
    case k_float: {
      const auto precision = type.number<uint16_t>(0);
      if (precision > 2) return false;
      set_plain(field, ArrowKind::fixed, uint64_t{2} << precision, 2);
      return true;
    }
    case k_bool:
      set_plain(field, ArrowKind::boolean, 0, 2);
      return true;
    case k_decimal: {
      const auto bits = type.number<int32_t>(2, 128);
      set_plain(field, ArrowKind::fixed, static_cast<uint64_t>(bits) / 8, 2);
      return bits == 32 || bits == 64 || bits == 128 || bits == 256;
    }
    case k_date:
      set_integer(field, type.number<int16_t>(0, 1) == 0 ? 4 : 8, true);
      return true;
    case k_time:
      set_integer(field, type.number<int32_t>(1, 32) == 64 ? 8 : 4, true);
      return true;
    case k_timestamp:
    case k_duration:
      set_integer(field, 8, true);
      return true;
    case k_interval: {
      const auto unit = type.number<uint16_t>(0);
      set_plain(field, ArrowKind::fixed, unit == 0 ? 4 : unit == 1 ? 8 : 16, 2);
      return unit <= 2;
    }
    default:
      return false;  // views, and what comes later
  }
}

// False: buffers of such a column are not known, so that nothing behind it can be read.
bool set_type(ArrowField& field, uint8_t kind, const FlatTable& type) {
  const bool is_large = kind == k_large_binary || kind == k_large_utf8 || kind == k_large_list;
  switch (kind) {
    case k_null:
      set_plain(field, ArrowKind::none, 0, 0);
      return true;
    case k_binary:
    case k_utf8:
    case k_large_binary:
    case k_large_utf8:
      set_plain(field, ArrowKind::variable, is_large ? 8 : 4, 3);
      return true;
    case k_list:
    case k_map:
    case k_large_list:
      set_plain(field, ArrowKind::list, is_large ? 8 : 4, 2);
      return field.children.size() == 1;
    case k_struct:
      set_plain(field, ArrowKind::structure, 0, 1);
      return true;
    case k_fixed_binary: {
      const auto width = type.number<int32_t>(0);
      set_plain(field, ArrowKind::fixed, static_cast<uint64_t>(std::max(width, 0)), 2);
      return width >= 0;
    }
    case k_fixed_list: {
      const auto size = type.number<int32_t>(0);
      set_plain(field, ArrowKind::fixed_list, 0, 1);
      field.list_size = static_cast<uint64_t>(std::max(size, 0));
      return size >= 0 && field.children.size() == 1;
    }
    case k_union:
      set_plain(field, ArrowKind::opaque, 0, type.number<int16_t>(0) == 0 ? 1 : 2);
      return true;
    case k_run_end:
      set_plain(field, ArrowKind::opaque, 0, 0);
      return true;
    default:
      return set_number(field, kind, type);
  }
}

class SchemaReader {
 public:
  std::expected<ArrowSchema, std::string> read(const FlatTable& schema) {
    if (schema.number<int16_t>(0) != 0) return std::unexpected("its numbers are big-endian");
    for (size_t i = 0; i < schema.table_count(1); ++i) {
      auto field = parse(schema.table_at(1, i), 0);
      if (!field) return std::unexpected(field.error());
      schema_.fields.push_back(std::move(*field));
    }
    return std::move(schema_);
  }

 private:
  Parsed parse(const std::optional<FlatTable>& said, unsigned depth) {
    if (!said) return std::unexpected("its schema leaves its message");
    ArrowField field{.name = std::string(said->text(0))};
    if (depth > k_arrow_depth_limit || ++count_ > k_arrow_field_limit) {
      return std::unexpected(fmt::format("column {} is one of too many", field.name));
    }
    if (field.name.size() > k_field_name_limit_bytes || field.name.contains('\0')) {
      return std::unexpected("a column's name is no field's");
    }
    for (size_t i = 0; i < said->table_count(5); ++i) {
      auto child = parse(said->table_at(5, i), depth + 1);
      if (!child) return child;
      field.children.push_back(std::move(*child));
    }
    const auto type = said->table(3);
    const auto kind = said->number<uint8_t>(2);
    if (!type || !set_type(field, kind, *type)) {
      return std::unexpected(
          fmt::format("column {} has a type that is not read (number {})", field.name, kind));
    }
    const auto dictionary = said->table(4);
    return dictionary ? numbered(std::move(field), *dictionary) : field;
  }

  // The column holds integers of the dictionary's index type; its own type is that of the values.
  Parsed numbered(ArrowField values, const FlatTable& dictionary) {
    ArrowField field{.name = values.name, .dictionary = dictionary.number<int64_t>(0)};
    const auto type = dictionary.table(1);
    if (type) {
      if (!set_type(field, k_int, *type)) return std::unexpected("a dictionary has no index type");
    } else {
      set_integer(field, 4, true);
    }
    schema_.dictionaries.insert_or_assign(*field.dictionary, std::move(values));
    return field;
  }

  ArrowSchema schema_;
  size_t count_ = 0;
};

}  // namespace

std::expected<ArrowSchema, std::string> arrow_schema(const FlatTable& schema) {
  return SchemaReader().read(schema);
}

}  // namespace headrace::formats

// Field numbers are those of parquet.thrift.
#include "headrace/formats/parquet_footer.h"

#include <algorithm>

#include "headrace/base/endian.h"
#include "headrace/codec/elements.h"
#include "headrace/formats/index.h"
#include "headrace/formats/thrift_compact.h"

namespace headrace::formats {
namespace {

constexpr uint64_t k_footer_limit_bytes = uint64_t{64} << 20;
constexpr unsigned k_schema_depth_limit = 16;
constexpr int64_t k_optional = 1, k_repeated = 2;
constexpr int64_t k_map = 1, k_map_key_value = 2, k_list = 3, k_uint_8 = 11, k_uint_64 = 14;

// Of lists; of values by themselves only floats, as integers are kept inline.
codec::Stored elements_of(const ParquetColumn& column) {
  using codec::Elements;
  const bool is_list = column.is_repeated();
  switch (column.type) {
    case ParquetType::float32:
      return {Elements::f32};
    case ParquetType::float64:
      return {Elements::f64};
    case ParquetType::boolean:
      return {is_list ? Elements::u8 : Elements::text};
    case ParquetType::int32:
      return {!is_list ? Elements::text : column.is_unsigned ? Elements::u32 : Elements::i32};
    case ParquetType::int64:
      return {!is_list ? Elements::text : column.is_unsigned ? Elements::u64 : Elements::i64};
    default:
      return {is_list ? Elements::strings : Elements::text};
  }
}

class FooterReader {
 public:
  FooterReader(const ThriftValue& root, uint64_t pages_end_bytes)
      : root_(root), pages_end_bytes_(pages_end_bytes) {}

  std::expected<ParquetFooter, const char*> read() {
    const ThriftValue* schema = root_.field(2);
    const ThriftValue* groups = root_.field(4);
    if (schema == nullptr || schema->items.empty()) return std::unexpected("it has no schema");
    schema_ = schema->items;
    if (!take_children({.column = {}, .depth = 0}, next_++)) {
      return std::unexpected("its schema is no tree");
    }
    for (const ThriftValue& group : groups == nullptr ? schema_.first(0) : groups->items) {
      if (!take_group(group)) {
        return std::unexpected("a row group has columns or pages that do not fit the file");
      }
    }
    return std::move(footer_);
  }

 private:
  struct Parent {
    ParquetColumn column;  // its name and levels
    unsigned depth = 0;
    bool is_list = false;
    bool names_no_child = false;  // of a list or map: its child's name says nothing
  };

  // Elements lie in depth-first order, each with the number of its children.
  bool take_children(const Parent& parent, size_t at) {
    const int64_t count = schema_[at].integer_or(5, 0);
    if (parent.depth > k_schema_depth_limit) return false;
    for (int64_t i = 0; i < count; ++i) {
      if (next_ >= schema_.size()) return false;
      const size_t child = next_++;
      if (!take_element(parent, child)) return false;
    }
    return true;
  }

  bool take_element(const Parent& parent, size_t at) {
    const ThriftValue& element = schema_[at];
    const ThriftValue* name = element.field(4);
    if (name == nullptr || name->bytes.empty()) return false;
    Parent made{.column = parent.column, .depth = parent.depth + 1};
    ParquetColumn& column = made.column;
    if (!parent.names_no_child) {
      if (!column.name.empty()) column.name += '.';
      column.name += name->text();
    }
    const int64_t repetition = element.integer_or(3, 0), child_count = element.integer_or(5, 0);
    if (repetition == k_optional || repetition == k_repeated) ++column.level_max;
    if (repetition == k_repeated) column.list_levels.push_back(column.level_max);
    if (child_count > 0) {
      const int64_t kind = element.integer_or(6, -1);
      const bool wraps_element = parent.is_list && repetition == k_repeated && child_count == 1;
      made.is_list = kind == k_list;
      made.names_no_child =
          kind == k_list || kind == k_map || kind == k_map_key_value || wraps_element;
      return take_children(made, at);
    }
    const int64_t type = element.integer_or(1, -1), size = element.integer_or(2, 0);
    if (type == 7 && size == 0) return false;
    if (type < 0 || type > 7 || size < 0 || size > INT32_MAX) return false;
    if (column.name.size() > k_field_name_limit_bytes || column.name.contains('\0')) return false;
    column.type = static_cast<ParquetType>(type);
    column.fixed_bytes = static_cast<uint32_t>(size);
    const int64_t converted = element.integer_or(6, -1);
    column.is_unsigned = converted >= k_uint_8 && converted <= k_uint_64;
    column.field_name = codec::typed(column.name, elements_of(column));
    footer_.columns.push_back(column);
    return footer_.columns.size() <= k_column_limit;
  }

  bool take_group(const ThriftValue& group) {
    const ThriftValue* columns = group.field(1);
    const int64_t row_count = group.integer_or(3, -1);
    if (columns == nullptr || columns->items.size() != footer_.columns.size()) return false;
    if (row_count < 0 || row_count > k_row_limit) return false;
    ParquetRowGroup made{.row_count = static_cast<uint64_t>(row_count), .chunks = {}};
    for (const ThriftValue& column : columns->items) {
      const ThriftValue* facts = column.field(3);
      if (facts == nullptr || column.field(1) != nullptr) return false;  // in another file
      if (!take_chunk(*facts, made)) return false;
    }
    footer_.row_groups.push_back(std::move(made));
    return true;
  }

  bool take_chunk(const ThriftValue& facts, ParquetRowGroup& group) const {
    const int64_t data = facts.integer_or(9, -1), dictionary = facts.integer_or(11, 0);
    const int64_t length = facts.integer_or(7, -1), values = facts.integer_or(5, -1);
    const int64_t codec = facts.integer_or(4, -1);
    const bool is_list = footer_.columns[group.chunks.size()].is_repeated();
    const int64_t begin = dictionary > 0 ? std::min(dictionary, data) : data;
    if (values > (is_list ? k_element_limit : k_row_limit)) return false;
    if (begin < 0 || length < 0 || values < 0 || codec < 0 || codec > 7) {
      return false;
    }
    const auto offset_bytes = static_cast<uint64_t>(begin);
    const auto length_bytes = static_cast<uint64_t>(length);
    if (offset_bytes > pages_end_bytes_ || length_bytes > pages_end_bytes_ - offset_bytes) {
      return false;
    }
    group.chunks.push_back({.codec = static_cast<ParquetCodec>(codec),
                            .value_count = static_cast<uint64_t>(values),
                            .offset_bytes = offset_bytes,
                            .length_bytes = length_bytes});
    return true;
  }

  static constexpr size_t k_column_limit = 10'000;
  static constexpr int64_t k_row_limit = 1 << 24;  // of a group, whose places are held in memory
  static constexpr int64_t k_element_limit = 1 << 27;  // of its lists
  const ThriftValue& root_;
  uint64_t pages_end_bytes_;
  std::span<const ThriftValue> schema_;
  size_t next_ = 0;
  ParquetFooter footer_;
};

}  // namespace

const char* name_of(ParquetCodec codec) {
  constexpr const char* k_names[] = {"none",   "snappy", "gzip", "lzo",
                                     "brotli", "lz4",    "zstd", "lz4"};
  return k_names[static_cast<size_t>(codec)];
}

bool lies_whole(const ParquetFooter& footer, size_t column) {
  return std::ranges::all_of(footer.row_groups, [&](const ParquetRowGroup& group) {
    return group.chunks[column].codec == ParquetCodec::none;
  });
}

std::expected<ParquetFooter, ScanFailure> read_parquet_footer(ByteWindow& window) {
  const uint64_t size_bytes = window.size_bytes();
  const auto fail = [](std::string what, uint64_t offset_bytes) {
    return std::unexpected(ScanFailure{std::move(what), offset_bytes});
  };
  const auto is_magic = [](std::span<const std::byte> bytes) {
    return std::ranges::equal(bytes, std::as_bytes(std::span(k_parquet_magic)));
  };
  const auto begin = window.at(0, 4);
  if (!begin || size_bytes < 12 || !is_magic(*begin))
    return fail("it does not begin as Parquet", 0);
  const auto end = window.at(size_bytes - 8, 8);
  if (!end) return std::unexpected(end.error());
  const uint64_t length = load_le<uint32_t>(end->data());
  if (!is_magic(end->subspan(4))) return fail("it does not end as Parquet does", size_bytes - 4);
  if (length > k_footer_limit_bytes || length > size_bytes - 12) {
    return fail(fmt::format("its footer cannot have {} bytes", length), size_bytes - 8);
  }
  const uint64_t footer_at = size_bytes - 8 - length;
  const auto bytes = window.at(footer_at, length);
  if (!bytes) return std::unexpected(bytes.error());
  const auto root = parse_thrift(*bytes);
  if (!root) return fail(fmt::format("its footer is damaged: {}", root.error()), footer_at);
  auto footer = FooterReader(root->value, footer_at).read();
  if (!footer) return fail(fmt::format("its footer is damaged: {}", footer.error()), footer_at);
  return std::move(*footer);
}

}  // namespace headrace::formats

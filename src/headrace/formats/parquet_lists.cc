// Dremel's levels: an element's repetition says how many of the lists that were open go on, its
// definition how far into the lists something is there.
#include "headrace/formats/parquet_lists.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "headrace/base/endian.h"
#include "headrace/codec/elements.h"
#include "headrace/formats/index.h"

namespace headrace::formats {
namespace {

class ListGatherer {
 public:
  ListGatherer(const ParquetColumn& column, std::span<const std::byte> decoded,
               std::vector<std::byte>& gathered)
      : column_(column),
        decoded_(decoded),
        gathered_(gathered),
        element_bytes_(codec::size_of(codec::typed_name(column.field_name).stored.elements)) {}

  // The entries are one row's.
  struct Row {
    std::span<const FieldExtent> elements;
    std::span<const uint32_t> definition, repetition;
  };

  std::expected<ParquetList, std::string> gather(const Row& row) {
    const uint32_t list_level = column_.list_levels[0];
    ParquetList list;
    if (row.definition[0] + 1 < list_level) return list;
    const size_t begin = gathered_.size();
    const bool is_empty = row.definition[0] < list_level;
    const auto is_null = [&](uint32_t level) { return level < column_.level_max; };
    list.is_json = column_.list_levels.size() > 1 ||
                   (!is_empty && std::ranges::any_of(row.definition, is_null));
    if (list.is_json) {
      put_json(row);
    } else if (!is_empty) {
      for (const FieldExtent& element : row.elements) put(element);
    }
    list.extent = {.offset_bytes = begin, .length_bytes = gathered_.size() - begin};
    return list;
  }

 private:
  void put(const FieldExtent& element) {
    if (element.length_bytes == k_inline) {
      std::array<std::byte, 8> number;
      store_le(number.data(), element.offset_bytes);
      gathered_.insert(gathered_.end(), number.begin(),
                       number.begin() + static_cast<int>(element_bytes_));
      return;
    }
    const auto bytes = decoded_.subspan(element.offset_bytes, element.length_bytes);
    if (element_bytes_ == 0) {
      gathered_.push_back(std::byte{0x0a});
      uint64_t size = bytes.size();
      for (; size >= 0x80; size >>= 7) gathered_.push_back(static_cast<std::byte>(size | 0x80));
      gathered_.push_back(static_cast<std::byte>(size));
    }
    gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
  }

  // Brackets open and close by the levels of one element and the next.
  void put_json(const Row& row) {
    uint32_t open_count = 0;
    const auto close_to = [&](uint32_t kept) {
      for (; open_count > kept; --open_count) put_text("]");
    };
    for (size_t i = 0; i < row.elements.size(); ++i) {
      if (i > 0) {
        close_to(row.repetition[i]);
        put_text(",");
      }
      const uint32_t level = row.definition[i];
      while (open_count < column_.list_levels.size() &&
             level + 1 >= column_.list_levels[open_count]) {
        put_text("[");
        ++open_count;
        if (level < column_.list_levels[open_count - 1]) break;  // it is empty
      }
      const bool has_place = open_count > 0 && level >= column_.list_levels[open_count - 1];
      if (has_place) put_json_element(row.elements[i]);
    }
    close_to(0);
  }

  void put_json_element(const FieldExtent& element) {
    if (element.length_bytes == k_absent) return put_text("null");
    if (element.length_bytes == k_inline) {
      const bool is_unsigned = column_.is_unsigned && column_.type == ParquetType::int64;
      return put_text(is_unsigned ? fmt::format("{}", element.offset_bytes)
                                  : fmt::format("{}", static_cast<int64_t>(element.offset_bytes)));
    }
    const auto bytes = decoded_.subspan(element.offset_bytes, element.length_bytes);
    if (column_.type == ParquetType::float32)
      return put_number(std::bit_cast<float>(load_le<uint32_t>(bytes.data())));
    if (column_.type == ParquetType::float64)
      return put_number(std::bit_cast<double>(load_le<uint64_t>(bytes.data())));
    put_string({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }

  // JSON has neither NaN nor infinity: they are null to who reads it.
  template <typename Number>
  void put_number(Number number) {
    put_text(std::isfinite(number) ? fmt::format("{}", number) : "null");
  }

  void put_string(std::string_view text) {
    put_text("\"");
    for (const char c : text) {
      const auto code = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\' || code < 0x20) {
        put_text(fmt::format("\\u{:04x}", code));
      } else {
        put_text({&c, 1});
      }
    }
    put_text("\"");
  }

  void put_text(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    gathered_.insert(gathered_.end(), bytes.begin(), bytes.end());
  }

  const ParquetColumn& column_;
  std::span<const std::byte> decoded_;
  std::vector<std::byte>& gathered_;
  size_t element_bytes_;  // 0: strings
};

}  // namespace

std::expected<std::vector<ParquetList>, std::string> gather_parquet_lists(
    const ParquetColumn& column, std::span<const FieldExtent> elements, const ParquetLevels& levels,
    std::span<const std::byte> decoded, std::vector<std::byte>& gathered) {
  ListGatherer gatherer(column, decoded, gathered);
  std::vector<ParquetList> lists;
  for (size_t begin = 0, end = 0; begin < elements.size(); begin = end) {
    if (levels.repetition[begin] != 0) return std::unexpected("its first list has no beginning");
    for (end = begin + 1; end < elements.size() && levels.repetition[end] != 0; ++end) {
      if (levels.repetition[end] <= column.list_levels.size()) continue;
      return std::unexpected("an element lies deeper than its lists");
    }
    const size_t count = end - begin;
    auto list = gatherer.gather({.elements = elements.subspan(begin, count),
                                 .definition = std::span(levels.definition).subspan(begin, count),
                                 .repetition = std::span(levels.repetition).subspan(begin, count)});
    if (!list) return std::unexpected(list.error());
    lists.push_back(*list);
  }
  return lists;
}

}  // namespace headrace::formats

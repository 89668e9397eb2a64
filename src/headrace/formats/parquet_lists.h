// A Parquet column of lists as one value a row: its numbers one behind the other, its strings as
// protobuf has them; lists of lists, and lists with a null in them, as JSON.
// Thread safety: pure functions. Invariant: a row is one piece, whatever pages its elements lay in.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/parquet_footer.h"
#include "headrace/formats/parquet_pages.h"

namespace headrace::formats {

struct ParquetList {
  FieldExtent extent = {};  // within `gathered`; absent: the row has no list
  bool is_json = false;
};

// One a row. `elements` are read_parquet_chunk()'s, within `decoded`. The error says what is wrong
// with the levels.
std::expected<std::vector<ParquetList>, std::string> gather_parquet_lists(
    const ParquetColumn& column, std::span<const FieldExtent> elements, const ParquetLevels& levels,
    std::span<const std::byte> decoded, std::vector<std::byte>& gathered);

}  // namespace headrace::formats

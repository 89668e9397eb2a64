// A column chunk of Parquet as places: where each row's value lies in the file, or the integer
// that it is. Pages' checksums are compared where there are any.
// Thread safety: pure. Invariants: 1. without `decoded`, bytes are pointed at, never copied, so
// that columns of bytes must be in pages without compression; 2. a dictionary's value may be
// pointed at by many rows.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"
#include "headrace/formats/parquet_footer.h"

namespace headrace::formats {

// Of each value that a page counts: how much of the path to it is there, and which list goes on.
struct ParquetLevels {
  std::vector<uint32_t> definition, repetition;
};
struct ParquetTarget {
  std::vector<std::byte>* decoded = nullptr;
  ParquetLevels* levels = nullptr;  // of a column of lists, which needs it
};

// One extent a row; absent where the row has no value. With `decoded` pages may be compressed:
// values are appended there, and extents count from its beginning and have no checksum. Of lists it
// is an extent an element, absent for what has none.
std::expected<std::vector<FieldExtent>, ScanFailure> read_parquet_chunk(
    ByteWindow& window, const ParquetColumn& column, const ParquetChunk& chunk,
    const ParquetTarget& target = {});
// Integers and booleans, which are kept inline; their pages may be compressed by Snappy.
bool is_parquet_integer(ParquetType type);

}  // namespace headrace::formats

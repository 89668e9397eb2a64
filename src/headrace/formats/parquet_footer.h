// Parquet's footer: which columns there are and where their pages lie.
// https://parquet.apache.org/docs/file-format/metadata
// Thread safety: pure. Invariant: pages lie within the file.
#pragma once

#include <string>
#include <vector>

#include "headrace/formats/byte_window.h"

namespace headrace::formats {

enum class ParquetType : uint8_t {
  boolean = 0,
  int32 = 1,
  int64 = 2,
  int96 = 3,
  float32 = 4,
  float64 = 5,
  bytes = 6,
  fixed_bytes = 7
};
enum class ParquetCodec : uint8_t {
  none = 0,
  snappy = 1,
  gzip = 2,
  lzo = 3,
  brotli = 4,
  lz4 = 5,
  zstd = 6,
  lz4_raw = 7
};
const char* name_of(ParquetCodec codec);

struct ParquetColumn {
  std::string name;  // the path, with dots
  ParquetType type = ParquetType::bytes;
  uint32_t fixed_bytes = 0;
  uint32_t level_max = 0;  // of definition: 0 = never absent
  // Of each list that the values lie in, from the outside in: the definition of one that has an
  // element. One below is an empty list, below that there is none.
  std::vector<uint32_t> list_levels = {};
  bool is_unsigned = false;
  std::string field_name = {};  // which says how numbers lie (codec/elements.h)

  bool is_repeated() const { return !list_levels.empty(); }
};

struct ParquetChunk {
  ParquetCodec codec = ParquetCodec::none;
  uint64_t value_count = 0;
  uint64_t offset_bytes = 0;  // of its first page
  uint64_t length_bytes = 0;
};

struct ParquetRowGroup {
  uint64_t row_count = 0;
  std::vector<ParquetChunk> chunks;  // one a column
};

struct ParquetFooter {
  std::vector<ParquetColumn> columns;
  std::vector<ParquetRowGroup> row_groups;
};
std::expected<ParquetFooter, ScanFailure> read_parquet_footer(ByteWindow& window);
// No page of the column is compressed.
bool lies_whole(const ParquetFooter& footer, size_t column);

inline constexpr std::string_view k_parquet_magic = "PAR1";

}  // namespace headrace::formats

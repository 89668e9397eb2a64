// Comma-separated values as RFC 4180 has them: quotes, CRLF, a byte order mark; the first line
// names the columns. Thread safety: values. Memory: the whole text's cells. Invariant: rows have as
// many cells as there are names.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

struct CsvTable {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;
  std::vector<uint64_t> row_offsets_bytes;  // where each begins, for messages
};

std::expected<CsvTable, ScanFailure> parse_csv(std::string_view text);

}  // namespace headrace::formats

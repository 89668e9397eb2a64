// Any bytes as a table: rows have as many cells as there are names.
#include "headrace/base/check.h"
#include "headrace/formats/csv_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto table = parse_csv({reinterpret_cast<const char*>(data), size});
  if (!table) return 0;
  HR_CHECK(table->rows.size() == table->row_offsets_bytes.size());
  for (const auto& row : table->rows) HR_CHECK(row.size() == table->names.size());
  return 0;
}

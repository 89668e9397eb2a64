// Any bytes as a SQLite file: reading ends, and fields are sorted and differ.
#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/formats/sqlite.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  SqliteRows rows(memory_source(std::as_bytes(std::span(data, size))));
  for (int row = 0; row < 10000; ++row) {
    const auto fields = rows.next();
    if (!fields || !*fields) return 0;
    HR_CHECK(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
  }
  return 0;
}

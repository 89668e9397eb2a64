// Any bytes as Arrow IPC: reading ends, extents lie within the bytes, fields are sorted.
#include "headrace/formats/arrow.h"
#include "headrace/formats/scan_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)k_arrow_format.begins(memory_source(bytes));
  (void)scan_all(k_arrow_format, bytes);
  const auto reader = k_arrow_format.unpack(memory_source(bytes));
  uint64_t field_count = 0;
  while (reader && field_count < 1 << 20) {
    const auto fields = reader->next();
    if (!fields || !*fields) return 0;
    HR_CHECK(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
    field_count += (*fields)->size() + 1;
  }
  return 0;
}

// Any bytes as a JPEG header: every offset in what comes out lies inside them.
#include <cstdint>

#include "headrace/base/check.h"
#include "headrace/jpeg/header.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::jpeg;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = parse_header(bytes);
  if (!header.has_value()) {
    HR_CHECK(header.error().offset_bytes <= size);
    return 0;
  }
  HR_CHECK(header->width >= 1 && header->height >= 1);
  HR_CHECK(header->scan.offset_bytes <= size);
  HR_CHECK(header->exif_orientation >= 1 && header->exif_orientation <= 8);
  for (uint32_t index = 0; index < k_max_tables; ++index) {
    for (const HuffmanTable* table : {&header->dc_tables[index], &header->ac_tables[index]}) {
      HR_CHECK(!table->present || table->offset_bytes + 16 + table->symbol_count <= size);
    }
  }
  has_end_marker(bytes, header->scan.offset_bytes);
  return 0;
}

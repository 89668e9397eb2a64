// Any bytes as Parquet: the scan ends, and what it gives lies within the bytes.
#include "headrace/formats/parquet.h"
#include "headrace/formats/parquet_pages.h"
#include "headrace/formats/scan_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)scan_all(k_parquet_format, bytes);
  for (const unsigned width : {1U, 3U, 17U}) (void)decode_parquet_levels(bytes, width, 1000);
  // The same bytes as the footer of a file without pages, which chance would never frame.
  std::vector<std::byte> framed(4 + size + 8);
  const auto length = static_cast<uint32_t>(size);
  std::memcpy(framed.data(), "PAR1", 4);
  std::copy(bytes.begin(), bytes.end(), framed.begin() + 4);
  std::memcpy(framed.data() + 4 + size, &length, 4);
  std::memcpy(framed.data() + 8 + size, "PAR1", 4);
  (void)scan_all(k_parquet_format, framed);
  return 0;
}

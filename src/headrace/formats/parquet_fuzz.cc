// Any bytes as Parquet: the scan and the decoding end, and what they give lies within the bytes.
#include <cstring>

#include "headrace/formats/parquet.h"
#include "headrace/formats/parquet_levels.h"
#include "headrace/formats/parquet_rows.h"
#include "headrace/formats/scan_all.h"

namespace {

void read_both_ways(std::span<const std::byte> bytes) {
  using namespace headrace::formats;
  (void)scan_all(k_parquet_format, bytes);
  if (const auto parts = parts_of_parquet(memory_source(bytes))) {
    for (int i = 0; i < 100; ++i) {
      const auto part = parts->next_part();
      if (!part || !*part || !(*part)->next()) break;
    }
  }
  const auto rows = unpack_parquet(memory_source(bytes));
  for (int i = 0; rows && i < 1000; ++i) {
    const auto fields = rows->next();
    if (!fields || !*fields) return;
    HR_CHECK(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  read_both_ways(bytes);
  for (const unsigned width : {1U, 3U, 17U}) (void)decode_parquet_levels(bytes, width, 1000);
  // The same bytes as the footer of a file without pages, which chance would never frame.
  std::vector<std::byte> framed(4 + size + 8);
  const auto length = static_cast<uint32_t>(size);
  std::memcpy(framed.data(), "PAR1", 4);
  std::copy(bytes.begin(), bytes.end(), framed.begin() + 4);
  std::memcpy(framed.data() + 4 + size, &length, 4);
  std::memcpy(framed.data() + 8 + size, "PAR1", 4);
  read_both_ways(framed);
  return 0;
}

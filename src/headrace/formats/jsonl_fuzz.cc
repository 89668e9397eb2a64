// Any bytes as JSON lines, also compressed: reading ends, and fields are sorted and differ.
#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/formats/jsonl.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto source = memory_source(std::as_bytes(std::span(data, size)));
  (void)k_jsonl_format.begins(source);
  JsonLines lines(source);
  uint64_t size_bytes = 0;
  while (size_bytes < uint64_t{64} << 20) {  // compressed, a small file may hold much
    const auto fields = lines.next();
    if (!fields || !*fields) return 0;
    HR_CHECK(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
    for (const FieldBytes& field : **fields) size_bytes += field.name.size() + field.bytes.size();
    ++size_bytes;
  }
  return 0;
}

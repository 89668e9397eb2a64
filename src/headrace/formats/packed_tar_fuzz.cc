// Any bytes as a compressed tar: reading ends, and fields are sorted and differ.
#include <algorithm>

#include "headrace/base/check.h"
#include "headrace/formats/packed_tar.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto source = memory_source(std::as_bytes(std::span(data, size)));
  (void)k_packed_tar_format.begins(source);
  PackedTar tar(source);  // also plain ones, whose headers a fuzzer can reach
  for (int count = 0; count < 10000; ++count) {
    const auto fields = tar.next();
    if (!fields || !*fields) return 0;
    HR_CHECK(std::ranges::is_sorted(**fields, std::less_equal(), &FieldBytes::name));
  }
  return 0;
}

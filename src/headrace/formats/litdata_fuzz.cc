// Any bytes as LitData's index.json and as a chunk: reading ends, and extents lie within.
#include "headrace/base/check.h"
#include "headrace/formats/litdata.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)litdata_leaves({reinterpret_cast<const char*>(data), size});
  (void)k_litdata_format.begins(memory_source(bytes));
  LitDataItems items(memory_source(bytes), {},
                     {{"a", "int"}, {"b", "numpy"}, {"c", "tensor"}, {"d", "bytes"}});
  while (true) {
    const auto sample = items.next();
    if (!sample || !*sample) return 0;
    for (const auto& field : (*sample)->fields) HR_CHECK(!leaves(field.second, size));
  }
}

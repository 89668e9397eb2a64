// Any bytes as safetensors: the scan ends, and what it gives lies within the bytes.
#include "headrace/formats/safetensors.h"
#include "headrace/formats/scan_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)k_safetensors_format.begins(memory_source(bytes));
  (void)scan_all(k_safetensors_format, bytes);
  return 0;
}

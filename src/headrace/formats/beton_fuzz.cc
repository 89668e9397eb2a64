// Any bytes as a beton file: the scan ends, and what it gives lies within the bytes.
#include "headrace/formats/beton.h"
#include "headrace/formats/scan_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  (void)scan_all(k_beton_format, std::as_bytes(std::span(data, size)));
  return 0;
}

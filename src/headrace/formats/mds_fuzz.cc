// Any bytes as MDS: the scan ends, and what it gives lies within the bytes.
#include "headrace/formats/mds.h"
#include "headrace/formats/scan_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  (void)scan_all(k_mds_format, std::as_bytes(std::span(data, size)));
  return 0;
}

// Any bytes as an LMDB file: the scan ends, and what it gives lies within the bytes.
#include "headrace/formats/lmdb.h"
#include "headrace/formats/scan_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto [samples, failure] = scan_all(k_lmdb_format, bytes);
  if (samples.size() < 2) return 0;
  const ScanFrom from{.sample_index = samples.size() - 1,
                      .record_offset_bytes = samples.back().record_offset_bytes};
  (void)k_lmdb_format.scan(memory_source(bytes), from)->next();
  return 0;
}

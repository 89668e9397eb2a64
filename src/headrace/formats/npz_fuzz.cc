// Any bytes as .npz and .npy: scans end, and what they give lies within the bytes.
#include "headrace/formats/npy_rows.h"
#include "headrace/formats/npz.h"
#include "headrace/formats/scan_all.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)scan_all(k_npz_format, bytes);
  if (const auto reader = k_npz_format.unpack(memory_source(bytes))) (void)reader->next();
  if (size < 4096) (void)scan_all(k_npy_format, bytes);
  (void)scan_all(k_npy_file_format, bytes);
  return 0;
}

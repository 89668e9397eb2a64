// Any bytes as the head of a .npy: read or refused, and what is read fits.
#include "headrace/base/check.h"
#include "headrace/formats/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto head = headrace::formats::parse_npy_head(std::as_bytes(std::span(data, size)));
  if (head) HR_CHECK(head->data_offset_bytes <= size, "{}", head->data_offset_bytes);
  return 0;
}

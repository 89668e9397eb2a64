// Any bytes as a Megatron index: every array read to its end.
#include "headrace/formats/token_index.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using headrace::formats::TokenIndex;
  const auto index = TokenIndex::over(std::as_bytes(std::span(data, size)));
  if (!index) return 0;
  uint64_t sum = index->check(size) ? 1 : 0;
  for (uint64_t i = 0; i < index->sequence_count(); ++i) {
    sum += index->extent(i, size).value_or(TokenIndex::Extent{}).length_bytes;
    sum += static_cast<uint64_t>(index->mode(i).value_or(0));
  }
  volatile uint64_t kept = sum;
  (void)kept;
  return 0;
}

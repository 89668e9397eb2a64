// Any bytes as a tar: the scan ends, and what it gives lies within the bytes.
#include <cstdlib>

#include "headrace/formats/tar_samples.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto bytes = std::as_bytes(std::span(data, size));
  TarScanner members(memory_source(bytes));
  for (auto member = members.next(); member && *member; member = members.next()) {
    if (!(*member)->is_regular) continue;
    if ((*member)->data_offset_bytes > size) std::abort();
    if ((*member)->size_bytes > size - (*member)->data_offset_bytes) std::abort();
    (void)shown_name((*member)->name);
  }
  TarSamples samples(memory_source(bytes));
  for (auto sample = samples.next(); sample && *sample; sample = samples.next()) {
    if ((*sample)->fields.empty()) std::abort();
  }
  return 0;
}

// Mends the checksum of one block, which chance would never do: the fuzzer then gets past the first
// check.
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  constexpr size_t k_block = 512, k_checksum = 148;
  size = LLVMFuzzerMutate(data, size, max_size);
  if (size < k_block) return size;
  uint8_t* block = data + seed % (size / k_block) * k_block;
  unsigned sum = 8 * ' ';
  for (size_t i = 0; i < k_block; ++i) {
    if (i < k_checksum || i >= k_checksum + 8) sum += block[i];
  }
  for (size_t i = 6; i-- > 0; sum >>= 3) {
    block[k_checksum + i] = static_cast<uint8_t>('0' + (sum & 7));
  }
  block[k_checksum + 6] = 0;
  block[k_checksum + 7] = ' ';
  return size;
}

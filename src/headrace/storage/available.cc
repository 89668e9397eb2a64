// The choice between the page cache and direct reads.
#include "headrace/storage/available.h"

#include "headrace/memory/available.h"

namespace headrace::storage {

io::Caching choose_caching(uint64_t total_bytes, uint64_t available_bytes) {
  return total_bytes <= available_bytes / 2 ? io::Caching::page : io::Caching::direct;
}

io::Caching choose_caching(uint64_t total_bytes) {
  return choose_caching(total_bytes, memory::available_bytes().size_bytes);
}

}  // namespace headrace::storage

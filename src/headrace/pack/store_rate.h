// How fast this store gives large reads and random ones, tried on a file of the user's own bytes
// that has no name and is gone afterwards. Thread safety: any thread.
#pragma once

#include <span>
#include <string>

#include "headrace/base/files.h"

namespace headrace::pack {

struct StoreRate {
  double bytes_per_second = 0;  // in large reads
  // In random ones, as a global shuffle has them: how many, of how many bytes each, and at which
  // rate each further byte of them comes. That is what a smaller sample saves: a read has its price
  // whatever it brings.
  double random_reads_per_second = 0;
  uint64_t random_read_bytes = 0;
  double further_bytes_per_second = 0;
  bool direct = false;  // false: the page cache was in the way, and the store may be slower
};

// Of 64 MiB, which repeat up to 1 MiB of `bytes`; medians of five passes. Random reads are of about
// `sample_bytes`. Throws Error.
StoreRate store_rate(Files& files, const std::string& folder, std::span<const std::byte> bytes,
                     uint64_t sample_bytes);

}  // namespace headrace::pack

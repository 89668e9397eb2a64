// How fast this store gives large reads, tried on a file of the user's own bytes that has no name
// and is gone afterwards. Thread safety: any thread.
#pragma once

#include <span>
#include <string>

#include "headrace/base/files.h"

namespace headrace::pack {

struct StoreRate {
  double bytes_per_second = 0;
  bool direct = false;  // false: the page cache was in the way, and the store may be slower
};

// Of 64 MiB, which repeat up to 1 MiB of `bytes`; the median of five passes. Throws Error.
StoreRate store_rate(Files& files, const std::string& folder, std::span<const std::byte> bytes);

}  // namespace headrace::pack

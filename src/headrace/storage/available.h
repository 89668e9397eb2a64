// Whether data should go through the page cache: yes when it fits with room to spare, else it would
// only push out what others need. Thread safety: any thread.
#pragma once

#include <cstdint>

#include "headrace/io/file.h"

namespace headrace::storage {

// Page when `total_bytes` is at most half of `available_bytes`, else direct.
io::Caching choose_caching(uint64_t total_bytes, uint64_t available_bytes);
// With what this machine and its control group have available now.
io::Caching choose_caching(uint64_t total_bytes);

}  // namespace headrace::storage

// Making an io_uring that works: flags stepped down to what the kernel knows, then proved by a
// no-op and a read. Thread safety: the thread that sets up is the one that must use the ring.
#pragma once

#include <liburing.h>

#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace headrace::io {

struct UringSetup {
  ::io_uring ring = {};
  uint32_t depth = 0;       // entries that the kernel gave, at most what was asked
  std::string not_granted;  // empty, or the flags that this kernel lacks
};
// The error is one sentence with the system call, its errno and the usual cause.
std::expected<UringSetup, std::string> set_up_uring(uint32_t depth);

// How many bytes from the start of `arena` were registered as fixed buffers of k_buffer_bytes each,
// the last one shorter. When the whole is refused, halves are tried down to one mebibyte; `refusal`
// gets the first errno.
inline constexpr uint64_t k_buffer_bytes = uint64_t{1} << 30;
uint64_t register_buffers(::io_uring& ring, std::span<std::byte> arena, int& refusal);

}  // namespace headrace::io

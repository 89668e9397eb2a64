// Making an io_uring that works: flags stepped down to what the kernel knows, then proved by a
// no-op and a read; polling is tried on top of that, and left off where its own read fails. Thread
// safety: the thread that sets up is the one that must use the ring.
#pragma once

#include <liburing.h>

#include <cstdint>
#include <expected>
#include <string>

#include "headrace/io/file.h"

namespace headrace::io {

struct UringWish {
  uint32_t depth = 0;
  bool sqpoll = false;
  const File* iopoll_on = nullptr;  // a file on the device whose completions are to be polled
};
struct UringSetup {
  ::io_uring ring = {};
  uint32_t depth = 0;  // entries that the kernel gave, at most what was asked
  bool sqpoll = false;
  bool iopoll = false;
  std::string not_granted;  // empty, or what was left off, and why
};
// The error is one sentence with the system call, its errno and the usual cause.
std::expected<UringSetup, std::string> set_up_uring(const UringWish& wish);
// Ends it and unmaps its queues.
void tear_down_uring(::io_uring& ring);

}  // namespace headrace::io

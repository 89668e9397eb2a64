// 3FS's USRBIO: reads and writes through memory shared with its daemon. libhf3fs_api_shared is
// opened at run time. Thread safety: a ring's calls belong to one thread that prepares and one that
// waits. Invariant: all functions of an opened Hf3fs are there.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

#include "headrace/shim/library.h"

namespace headrace::shim {

// The binary interface of hf3fs_usrbio.h.
struct Hf3fsIov {
  uint8_t* base;
  void* handle;
  char id[16];
  char mount_point[256];
  size_t size, block_size;
  int numa;
};
struct Hf3fsIor {
  Hf3fsIov iov;
  void* handle;
  char mount_point[256];
  bool for_read;
  int io_depth, priority, timeout;
  uint64_t flags;
};
struct Hf3fsCqe {
  int32_t index, reserved;
  int64_t result;
  const void* userdata;
};

class Hf3fs {
 public:
  // The error is one sentence, with how to get it.
  static std::expected<std::unique_ptr<Hf3fs>, std::string> open(
      const std::string& library = "libhf3fs_api_shared.so");

  int (*iov_create)(Hf3fsIov*, const char*, size_t, size_t, int) = nullptr;
  void (*iov_destroy)(Hf3fsIov*) = nullptr;
  int (*ior_create)(Hf3fsIor*, const char*, int, bool, int, int, int, uint64_t) = nullptr;
  void (*ior_destroy)(Hf3fsIor*) = nullptr;
  int (*register_fd)(int, uint64_t) = nullptr;  // minus a descriptor, or a positive errno
  void (*deregister_fd)(int) = nullptr;
  int (*prepare)(const Hf3fsIor*, const Hf3fsIov*, bool, void*, int, size_t, uint64_t,
                 const void*) = nullptr;
  int (*submit)(const Hf3fsIor*) = nullptr;
  // Until `least` or the time (CLOCK_REALTIME): how many there are, which may be none.
  int (*wait)(const Hf3fsIor*, Hf3fsCqe*, int, int, const timespec*) = nullptr;

 private:
  explicit Hf3fs(Library library) : library_(std::move(library)) {}
  Library library_;
};

// Why the library must not be opened under this limit on descriptors, or "". A static initializer
// of its makes a table of that many entries: gigabytes in containers without a limit.
std::string refuse_descriptor_limit(uint64_t limit);

}  // namespace headrace::shim

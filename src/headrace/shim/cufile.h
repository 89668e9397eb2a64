// NVIDIA's GPUDirect Storage: storage to device memory without a copy in the host. libcufile is
// opened at run time. Thread safety: the library's functions are; open() once.
// Invariant: all functions of an opened CuFile are there.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstddef>

#include "headrace/shim/cuda.h"
#include "headrace/shim/library.h"

namespace headrace::shim {

// The binary interface of cufile.h (version 1.7 and later, CUDA 12.2).
struct CuError {
  int error;  // 0, or 5001 and up
  int cuda_error;
};
using CuHandle = void*;
using CuBatch = void*;
struct CuDescriptor {
  int type;  // k_cu_descriptor
  union {
    int fd;
    void* handle;
  } file;
  const void* operations;
};
inline constexpr int k_cu_descriptor = 1;
struct CuBatchEntry {
  int mode;  // 1: batch
  struct {
    void* base;
    off_t file_offset;
    off_t base_offset;
    size_t size;
  } range;
  CuHandle file;
  int opcode;  // 0 read, 1 write
  void* cookie;
};
struct CuBatchEvent {
  void* cookie;
  int status;
  size_t result;
};
enum CuStatus : int {
  cu_waiting = 1,
  cu_pending = 2,
  cu_invalid = 4,
  cu_canceled = 8,
  cu_complete = 0x10,
  cu_timeout = 0x20,
  cu_failed = 0x40
};
inline constexpr unsigned k_cu_batch_most = 128;
// In compatibility mode a submission hangs for ever once more entries than the pool of host
// buffers has slabs are in flight (64 for up to 1 MiB unless cufile.json says otherwise).
inline constexpr unsigned k_cu_compatible_most = 64;

class CuFile {
 public:
  // Opens the library and its driver. The error is one sentence, with how to get it.
  static std::expected<std::unique_ptr<CuFile>, std::string> open(
      const std::string& library = "libcufile.so.0");
  ~CuFile();
  CuFile(CuFile&&) = delete;

  CuError (*handle_register)(CuHandle*, CuDescriptor*) = nullptr;
  void (*handle_deregister)(CuHandle) = nullptr;
  CuError (*buffer_register)(const void*, size_t, int) = nullptr;
  CuError (*buffer_deregister)(const void*) = nullptr;
  // Bytes; -1: see errno; below -1: minus a code from 5001.
  ssize_t (*read)(CuHandle, void*, size_t, off_t, off_t) = nullptr;
  ssize_t (*write)(CuHandle, const void*, size_t, off_t, off_t) = nullptr;
  // The pointers' targets must live until the stream has passed.
  CuError (*read_async)(CuHandle, void*, size_t*, off_t*, off_t*, ssize_t*, CuStream) = nullptr;
  CuError (*write_async)(CuHandle, void*, size_t*, off_t*, off_t*, ssize_t*, CuStream) = nullptr;
  CuError (*batch_set_up)(CuBatch*, unsigned) = nullptr;
  CuError (*batch_submit)(CuBatch, unsigned, CuBatchEntry*, unsigned) = nullptr;
  CuError (*batch_status)(CuBatch, unsigned, unsigned*, CuBatchEvent*, timespec*) = nullptr;
  CuError (*batch_cancel)(CuBatch) = nullptr;
  void (*batch_destroy)(CuBatch) = nullptr;

 private:
  explicit CuFile(Library library) : library_(std::move(library)) {}
  std::string find_all();  // the first symbol that is missing, or ""

  Library library_;
  CuError (*driver_open_)() = nullptr;
  CuError (*driver_close_)() = nullptr;
  bool driver_is_open_ = false;
};

}  // namespace headrace::shim

// NVIDIA's driver (libcuda), opened at run time: devices, memory, streams, events, launches.
// Thread safety: the library's functions are; a context is current per thread. Invariant: all
// functions of an opened CudaDriver are there. Each returns 0 or a code (name_of_error).
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "headrace/shim/library.h"

namespace headrace::shim {

using CuStream = void*;  // null: the device's default stream
using CuEvent = void*;
using CuContext = void*;
using CuModule = void*;
using CuFunction = void*;
using CuAddress = unsigned long long;  // in device memory

inline constexpr int k_cu_out_of_memory = 2;
inline constexpr int k_cu_no_device = 100;
inline constexpr int k_cu_no_such_device = 101;
inline constexpr int k_cu_not_ready = 600;
inline constexpr int k_cu_capture_first = 900, k_cu_capture_last = 907;  // a graph's capture
inline constexpr int k_cu_capture_relaxed = 2;
inline constexpr unsigned k_cu_stream_alone = 1;   // does not wait for the default stream
inline constexpr unsigned k_cu_event_untimed = 3;  // whoever waits sleeps, and no time is taken

class CudaDriver {
 public:
  // The error is one sentence, with how to get it.
  static std::expected<std::unique_ptr<CudaDriver>, std::string> open(
      const std::string& library = "libcuda.so.1");
  ~CudaDriver();

  // Keeps the device's primary context, which PyTorch uses too, for this object's life; it is
  // current on this thread afterwards. Once an object. Returns 0 or a code.
  int hold_context(int device);
  CuContext held_context() const { return held_context_; }

  int (*init)(unsigned) = nullptr;
  int (*error_name)(int, const char**) = nullptr;
  int (*device_count)(int*) = nullptr;
  int (*device_get)(int*, int) = nullptr;
  int (*device_name)(char*, int, int) = nullptr;
  int (*device_memory)(size_t*, int) = nullptr;
  int (*device_pci)(char*, int, int) = nullptr;  // "0000:65:00.0"
  int (*context_retain)(CuContext*, int) = nullptr;
  int (*context_release)(int) = nullptr;
  int (*context_get)(CuContext*) = nullptr;  // of this thread; null: none
  int (*context_use)(CuContext) = nullptr;   // on this thread
  int (*context_synchronize)() = nullptr;

  int (*memory_take)(CuAddress*, size_t) = nullptr;
  int (*memory_free)(CuAddress) = nullptr;
  int (*host_register)(void*, size_t, unsigned) = nullptr;
  int (*host_unregister)(void*) = nullptr;

  int (*stream_create)(CuStream*, unsigned) = nullptr;
  int (*stream_synchronize)(CuStream) = nullptr;
  int (*stream_destroy)(CuStream) = nullptr;
  int (*stream_wait)(CuStream, CuEvent, unsigned) = nullptr;
  // Of this thread: what it may call while any stream is captured into a graph. Exchanges.
  int (*capture_mode)(int*) = nullptr;
  int (*launch_host)(CuStream, void (*)(void*), void*) = nullptr;
  int (*copy_to_device)(CuAddress, const void*, size_t, CuStream) = nullptr;
  int (*copy_on_device)(CuAddress, CuAddress, size_t, CuStream) = nullptr;  // target, source
  int (*copy_to_host)(void*, CuAddress, size_t, CuStream) = nullptr;

  int (*event_create)(CuEvent*, unsigned) = nullptr;
  int (*event_record)(CuEvent, CuStream) = nullptr;
  int (*event_query)(CuEvent) = nullptr;  // 0, or k_cu_not_ready
  int (*event_synchronize)(CuEvent) = nullptr;
  int (*event_elapsed)(float* milliseconds, CuEvent from, CuEvent to) = nullptr;
  int (*event_destroy)(CuEvent) = nullptr;

  int (*module_load)(CuModule*, const void*) = nullptr;
  int (*module_unload)(CuModule) = nullptr;
  int (*module_function)(CuFunction*, CuModule, const char*) = nullptr;
  // Function, grid (x, y, z), block (x, y, z), shared bytes, stream, arguments, null.
  int (*launch)(CuFunction, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                CuStream, void**, void**) = nullptr;

  std::string name_of_error(int code) const;  // "CUDA_ERROR_OUT_OF_MEMORY", or "error 1234"

 private:
  explicit CudaDriver(Library library) : library_(std::move(library)) {}
  std::string find_all();  // the first symbol that is missing, or ""

  Library library_;
  CuContext held_context_ = nullptr;
  int held_device_ = 0;
};

}  // namespace headrace::shim

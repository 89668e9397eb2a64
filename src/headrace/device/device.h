// A CUDA device and its primary context, which PyTorch uses too.
// Thread safety: const after construction; each thread calls use() once before what needs a
// context. Invariant: the driver is open and the context is retained.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "headrace/base/error.h"
#include "headrace/shim/cuda.h"

namespace headrace::device {

struct DeviceOptions {
  uint32_t ordinal = 0;
  std::string library = "libcuda.so.1";
};
// "cuda" or "cuda:1". Throws Error for anything else.
DeviceOptions parse_device(std::string_view name);

class Device {
 public:
  explicit Device(const DeviceOptions& options);  // throws Error; current on this thread after it
  Device(Device&&) = delete;

  const shim::CudaDriver& driver() const { return *driver_; }
  std::string label() const;  // "cuda:0 (NVIDIA H100)"
  shim::CuContext context() const { return driver_->held_context(); }
  uint64_t memory_bytes() const { return memory_bytes_; }
  void use() const;  // makes its context this thread's. Throws Error.
  // Throws the Error of a driver's call that did not return 0: `action` is "cannot ...".
  void check(int code, const char* action) const;
  Error error_of(int code, const char* action) const;

 private:
  uint32_t ordinal_;
  std::unique_ptr<shim::CudaDriver> driver_;
  int handle_ = 0;
  std::string name_;
  uint64_t memory_bytes_ = 0;
};

}  // namespace headrace::device

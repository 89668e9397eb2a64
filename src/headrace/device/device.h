// A CUDA device and its primary context, which PyTorch uses too.
// Thread safety: const after construction; each thread calls use() once before what needs a
// context. Invariant: the driver is open and the context is retained.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "headrace/base/error.h"
#include "headrace/shim/cuda.h"

namespace headrace::device {

struct DeviceOptions {
  // Without it: the one that is this process's among those of its node that it can see.
  std::optional<uint32_t> ordinal = {};
  uint32_t local_rank = 0;
  std::string library = "libcuda.so.1";
};
// "cuda" or "cuda:1". Throws Error for anything else.
DeviceOptions parse_device(std::string_view name, uint32_t local_rank = 0);
// Of the node's processes, as torchrun, Open MPI, MPICH or Slurm say; else 0.
uint32_t local_rank_of_environment();
// Which NUMA node the device of this PCI id is at; nothing where nobody says.
std::optional<uint32_t> numa_node_of_pci(std::string_view id, const std::string& root = "");

class Device {
 public:
  explicit Device(const DeviceOptions& options);  // throws Error; current on this thread after it
  Device(Device&&) = delete;

  const shim::CudaDriver& driver() const { return *driver_; }
  std::string label() const;  // "cuda:0 (NVIDIA H100)"
  shim::CuContext context() const { return driver_->held_context(); }
  uint32_t ordinal() const { return ordinal_; }
  uint64_t memory_bytes() const { return memory_bytes_; }
  std::optional<uint32_t> numa_node() const;
  void use() const;  // makes its context this thread's. Throws Error.
  // As use(), of a thread that lives by itself: somebody may capture a graph meanwhile, which
  // forbids what looks at events to all threads but those that say that it is no part of it.
  void use_beside_captures() const;
  void leave() const noexcept;  // this thread has again what it had before the device's birth
  // Throws the Error of a driver's call that did not return 0: `action` is "cannot ...".
  void check(int code, const char* action) const;
  Error error_of(int code, const char* action) const;

 private:
  uint32_t ordinal_ = 0;
  std::unique_ptr<shim::CudaDriver> driver_;
  int handle_ = 0;
  shim::CuContext context_before_ = nullptr;
  std::string name_;
  uint64_t memory_bytes_ = 0;
};

// The device's context on a thread that is a trainer's, whose own one comes back at the end. What
// is done meanwhile is no part of a graph that anybody captures, but for work on the stream of it.
class Visit {
 public:
  explicit Visit(const Device& device) noexcept : driver_(device.driver()) {
    driver_.context_get(&before_);
    driver_.context_use(device.context());
    driver_.capture_mode(&capture_mode_);
  }
  ~Visit() {
    driver_.capture_mode(&capture_mode_);
    driver_.context_use(before_);
  }
  Visit(Visit&&) = delete;

 private:
  const shim::CudaDriver& driver_;
  shim::CuContext before_ = nullptr;
  int capture_mode_ = shim::k_cu_capture_relaxed;
};

}  // namespace headrace::device

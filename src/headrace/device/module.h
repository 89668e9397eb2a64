// Kernels loaded from an image (a fatbin: code for several devices), and their launch.
// Thread safety: const after construction. Ends before its device.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "headrace/device/device.h"

namespace headrace::device {

struct Grid {
  uint32_t x = 1, y = 1;
  uint32_t threads = 256;
  uint32_t shared_bytes = 0;
};

class Module {
 public:
  // Throws Error; also when the image has no code for this device.
  Module(const Device& device, std::span<const std::byte> image);
  ~Module();
  Module(Module&&) = delete;
  shim::CuFunction function(const char* name) const;  // throws Error
  // `argument` is the kernel's only one, copied before this returns. Throws Error.
  template <typename Argument>
  void launch(shim::CuFunction function, const Grid& grid, shim::CuStream stream,
              Argument argument) const {
    static_assert(std::is_trivially_copyable_v<Argument>);
    launch_with(function, grid, stream, &argument);
  }

 private:
  void launch_with(shim::CuFunction function, const Grid& grid, shim::CuStream stream,
                   void* argument) const;

  const Device& device_;
  shim::CuModule handle_ = nullptr;
};

}  // namespace headrace::device

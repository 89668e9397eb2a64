// Loading and launching.
#include "headrace/device/module.h"

namespace headrace::device {

Module::Module(const Device& device, std::span<const std::byte> image) : device_(device) {
  if (image.empty()) {
    throw Error({.code = Code::unsupported,
                 .action = "cannot load kernels for",
                 .object = device.label(),
                 .cause = "this build has none",
                 .hint = "build with CUDA's nvcc on the PATH, or -DHEADRACE_CUDA=on to insist"});
  }
  device.check(device.driver().module_load(&handle_, image.data()), "cannot load kernels for");
}

Module::~Module() { device_.driver().module_unload(handle_); }

shim::CuFunction Module::function(const char* name) const {
  shim::CuFunction found = nullptr;
  device_.check(device_.driver().module_function(&found, handle_, name), "cannot find a kernel of");
  return found;
}

void Module::launch_with(shim::CuFunction function, const Grid& grid, shim::CuStream stream,
                         void* argument) const {
  std::array<void*, 1> arguments = {argument};
  device_.check(device_.driver().launch(function, grid.x, grid.y, 1, grid.threads, 1, 1,
                                        grid.shared_bytes, stream, arguments.data(), nullptr),
                "cannot start a kernel on");
}

}  // namespace headrace::device

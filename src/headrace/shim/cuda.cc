// Looking the driver's symbols up. Those with a suffix are the current form of calls that grew.
#include "headrace/shim/cuda.h"

#include <fmt/format.h>

namespace headrace::shim {

std::expected<std::unique_ptr<CudaDriver>, std::string> CudaDriver::open(
    const std::string& library) {
  auto opened = Library::open(library);
  if (!opened) return std::unexpected(opened.error() + "; it comes with NVIDIA's driver");
  std::unique_ptr<CudaDriver> driver(new CudaDriver(std::move(*opened)));
  if (const std::string missing = driver->find_all(); !missing.empty()) {
    return std::unexpected(fmt::format("{} lacks {}: it is older than CUDA 11", library, missing));
  }
  return driver;
}

CudaDriver::~CudaDriver() {
  if (held_context_ != nullptr) context_release(held_device_);
}

int CudaDriver::hold_context(int device) {
  CuContext context = nullptr;
  if (const int code = context_retain(&context, device); code != 0) return code;
  held_context_ = context;
  held_device_ = device;
  return context_use(context);
}

std::string CudaDriver::find_all() {
  std::string missing;
  const auto want = [&](const char* symbol, auto*& function) {
    if (!library_.find(symbol, function) && missing.empty()) missing = symbol;
  };
  want("cuInit", init);
  want("cuGetErrorName", error_name);
  want("cuDeviceGetCount", device_count);
  want("cuDeviceGet", device_get);
  want("cuDeviceGetName", device_name);
  want("cuDeviceTotalMem_v2", device_memory);
  want("cuDeviceGetPCIBusId", device_pci);
  want("cuDevicePrimaryCtxRetain", context_retain);
  want("cuDevicePrimaryCtxRelease_v2", context_release);
  want("cuCtxGetCurrent", context_get);
  want("cuCtxSetCurrent", context_use);
  want("cuCtxSynchronize", context_synchronize);
  want("cuMemAlloc_v2", memory_take);
  want("cuMemFree_v2", memory_free);
  want("cuMemHostRegister_v2", host_register);
  want("cuMemHostUnregister", host_unregister);
  want("cuStreamCreate", stream_create);
  want("cuStreamSynchronize", stream_synchronize);
  want("cuStreamDestroy_v2", stream_destroy);
  want("cuStreamWaitEvent", stream_wait);
  want("cuThreadExchangeStreamCaptureMode", capture_mode);
  want("cuLaunchHostFunc", launch_host);
  want("cuMemcpyHtoDAsync_v2", copy_to_device);
  want("cuMemcpyDtoDAsync_v2", copy_on_device);
  want("cuMemcpyDtoHAsync_v2", copy_to_host);
  want("cuEventCreate", event_create);
  want("cuEventRecord", event_record);
  want("cuEventQuery", event_query);
  want("cuEventSynchronize", event_synchronize);
  want("cuEventElapsedTime", event_elapsed);
  want("cuEventDestroy_v2", event_destroy);
  want("cuModuleLoadData", module_load);
  want("cuModuleUnload", module_unload);
  want("cuModuleGetFunction", module_function);
  want("cuLaunchKernel", launch);
  return missing;
}

std::string CudaDriver::name_of_error(int code) const {
  const char* name = nullptr;
  if (error_name(code, &name) == 0 && name != nullptr) return name;
  return fmt::format("error {}", code);
}

}  // namespace headrace::shim

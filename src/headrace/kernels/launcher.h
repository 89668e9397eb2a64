// Starts the kernels on a device. Thread safety: const after construction; ends before its device.
#pragma once

#include "headrace/device/module.h"
#include "headrace/kernels/image.h"
#include "headrace/kernels/jpeg.h"
#include "headrace/kernels/pictures.h"
#include "headrace/kernels/tokens.h"

namespace headrace::kernels {

class Launcher {
 public:
  // Throws Error; also where this build has no kernels.
  explicit Launcher(const device::Device& device, std::span<const std::byte> code = image());
  // All pointers of a batch are of the device's memory. Throw Error.
  void start(const PictureBatch& batch, const PictureLaunch& launch, shim::CuStream stream) const;
  void start(const TokenBatch& batch, shim::CuStream stream) const;
  void start(const JpegBatch& batch, const JpegLaunch& launch, shim::CuStream stream) const;

 private:
  device::Module module_;
  shim::CuFunction pictures_, tokens_, jpeg_entropy_, jpeg_samples_, jpeg_pixels_;
};

}  // namespace headrace::kernels

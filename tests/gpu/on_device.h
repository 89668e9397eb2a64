// A picture set and its batch on a device, ready to launch. Thread safety: one thread.
#pragma once

#include "headrace/device/memory.h"
#include "headrace/device/stream.h"
#include "headrace/kernels/launcher.h"
#include "picture_set.h"

namespace headrace::gpu {

template <typename T>
T* pointer_to(const device::DeviceMemory& memory) {
  return reinterpret_cast<T*>(memory.address());
}
inline void send(const device::Device& device, const device::DeviceMemory& to, const void* from,
                 size_t size_bytes, const device::Stream& stream) {
  device.check(device.driver().copy_to_device(to.address(), from, size_bytes, stream.handle()),
               "cannot copy to");
}
inline void fetch(const device::Device& device, std::vector<std::byte>& to,
                  const device::DeviceMemory& from, device::Stream& stream) {
  device.check(device.driver().copy_to_host(to.data(), from.address(), to.size(), stream.handle()),
               "cannot copy from");
  stream.synchronize();
}

inline size_t target_bytes(uint32_t picture_count, const kernels::PictureFormat& format) {
  return size_t{3} * picture_count * format.width * format.height *
         kernels::size_of(format.element);
}

class PicturesOnDevice {
 public:
  PicturesOnDevice(const device::Device& device, const PictureSet& set,
                   const kernels::PictureFormat& format, device::Stream& stream)
      : pixels_(device, set.pixels().size()),
        pictures_(set.pictures(pointer_to<uint8_t>(pixels_))),
        list_(device, pictures_.size() * sizeof(kernels::Picture)),
        target_(device, target_bytes(static_cast<uint32_t>(pictures_.size()), format)) {
    send(device, pixels_, set.pixels().data(), set.pixels().size(), stream);
    send(device, list_, pictures_.data(), list_.size_bytes(), stream);
    stream.synchronize();
    batch_ = {.pictures = pointer_to<kernels::Picture>(list_),
              .picture_count = static_cast<uint32_t>(pictures_.size()),
              .target = pointer_to<std::byte>(target_),
              .format = format};
    launch_ = plan_launch(pictures_, batch_);
  }
  void start(const kernels::Launcher& launcher, const device::Stream& stream) const {
    launcher.start(batch_, launch_, stream.handle());
  }
  const device::DeviceMemory& target() const { return target_; }
  const kernels::PictureLaunch& launch() const { return launch_; }
  const kernels::PictureBatch& batch() const { return batch_; }

 private:
  device::DeviceMemory pixels_;
  std::vector<kernels::Picture> pictures_;
  device::DeviceMemory list_;
  device::DeviceMemory target_;
  kernels::PictureBatch batch_;
  kernels::PictureLaunch launch_;
};

}  // namespace headrace::gpu

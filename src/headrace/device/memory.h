// Memory of a device, and host memory that it may read by itself.
// Thread safety: the bytes are the caller's to share. Invariant: the address never changes, so that
// a CUDA graph may keep it. Both end before their device.
#pragma once

#include <cstddef>
#include <span>

#include "headrace/device/device.h"

namespace headrace::device {

class DeviceMemory {
 public:
  DeviceMemory(const Device& device, size_t size_bytes);  // throws Error
  ~DeviceMemory();
  DeviceMemory(DeviceMemory&&) = delete;
  shim::CuAddress address() const { return address_; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  const Device& device_;
  size_t size_bytes_;
  shim::CuAddress address_ = 0;
};

// Pins the pages (they get their memory now). Throws Error.
class PinnedRange {
 public:
  PinnedRange(const Device& device, std::span<std::byte> bytes);
  ~PinnedRange();
  PinnedRange(PinnedRange&&) = delete;

 private:
  const Device& device_;
  std::span<std::byte> bytes_;
};

}  // namespace headrace::device

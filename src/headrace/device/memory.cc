// Taken at birth, given back at the end. The context must be current: ends happen on other threads.
#include "headrace/device/memory.h"

#include <fmt/format.h>

#include "headrace/base/sizes.h"

namespace headrace::device {

DeviceMemory::DeviceMemory(const Device& device, size_t size_bytes)
    : device_(device), size_bytes_(size_bytes) {
  device.check(device.driver().memory_take(&address_, size_bytes),
               fmt::format("cannot take {} of the memory of", format_size(size_bytes)).c_str());
}

DeviceMemory::~DeviceMemory() { device_.driver().memory_free(address_); }

PinnedRange::PinnedRange(const Device& device, std::span<std::byte> bytes)
    : device_(device), bytes_(bytes) {
  const int code = device.driver().host_register(bytes.data(), bytes.size(), 0);
  if (code == 0) return;
  const Error refused = device.error_of(code, "");
  throw Error({.code = Code::no_space,
               .action = fmt::format("cannot pin {} for", format_size(bytes.size())),
               .object = device.label(),
               .cause = refused.parts().cause,
               .hint = "a smaller batch or fewer batches ahead (loader.prefetch)"});
}

PinnedRange::~PinnedRange() { device_.driver().host_unregister(bytes_.data()); }

}  // namespace headrace::device

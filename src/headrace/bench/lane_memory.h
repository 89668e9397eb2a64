// Where the blocks of a lane come to, in the host's memory or a device's, and the ring that brings
// them there. Thread safety: made, used and destroyed by the lane's thread. Invariant: a name of an
// engine that this does not know is refused, never replaced.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/device/memory.h"
#include "headrace/device/stream.h"
#include "headrace/io/cufile.h"
#include "headrace/memory/arena.h"

namespace headrace::bench {

// An engine's name as `bench io` takes it: of a job's engines, of cuFile's, or uring with one flag
// that no job has: "uring+sqpoll", "uring+iopoll", "uring+dontcache".
struct EngineName {
  std::string engine = {};
  std::string flag = {};
  bool to_device = false;  // its blocks are in device memory
  bool of_jobs = false;    // headrace.toml takes it
};
// Throws Error for any other.
EngineName parse_engine(std::string_view name);

struct DeviceTarget {
  device::DeviceOptions device = {};
  std::string cufile = "libcufile.so.0";
};

class LaneMemory {
 public:
  // Throws Error: no such memory, no such device.
  LaneMemory(size_t size_bytes, const std::optional<DeviceTarget>& target);
  std::span<std::byte> bytes() const;
  // Throws Error. What a flag was refused for is in the ring's info.
  std::unique_ptr<io::Ring> make_ring(const EngineName& name, uint32_t depth, const io::File& file);
  // A block that came, where the processor sees it; until the next call.
  std::span<const std::byte> seen(std::span<const std::byte> block);

 private:
  struct OnDevice {
    OnDevice(const DeviceTarget& target, size_t size_bytes)
        : device(target.device), memory(device, size_bytes), stream(device) {}
    device::Device device;
    device::DeviceMemory memory;
    device::Stream stream;
  };
  std::unique_ptr<memory::Arena> host_;
  std::optional<DeviceTarget> target_;
  std::unique_ptr<OnDevice> on_device_;
  std::vector<std::byte> copy_;
};

}  // namespace headrace::bench

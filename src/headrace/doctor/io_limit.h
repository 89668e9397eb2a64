// What control groups let this process read from a block device, of both versions.
// Thread safety: pure readings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "headrace/doctor/host.h"

namespace headrace::doctor {

// The least limit of the process's group and those above it, in bytes a second; nothing = none.
std::optional<uint64_t> read_limit(const Host& host, const std::string& device_number);

// In the text of io.max: "259:0 rbps=1048576 wbps=max riops=max wiops=max"; "max" is no limit.
std::optional<uint64_t> limit_in_io_max(std::string_view text, std::string_view device_number);
// In the text of blkio.throttle.read_bps_device: "259:0 1048576".
std::optional<uint64_t> limit_in_throttle(std::string_view text, std::string_view device_number);

}  // namespace headrace::doctor

// How much memory may still be taken: the machine's, or the control group's where that is less.
// Thread safety: any thread. Each call reads /proc and /sys anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::memory {

struct Available {
  uint64_t size_bytes = 0;
  std::string limited_by = {};  // "MemAvailable" or "control group"
};
// Unlimited ("nothing known") when the machine says neither.
Available available_bytes();

// The parts, on texts, so that tests need no machine. Nothing when the line is missing or not a
// number.
std::optional<uint64_t> available_in_meminfo(std::string_view meminfo);
// "max" and unreadable texts are no limit.
std::optional<uint64_t> free_in_group(std::string_view memory_max, std::string_view memory_current);

// False when the kernel has transparent huge pages switched off ("never").
bool transparent_huge_pages_allowed();

}  // namespace headrace::memory

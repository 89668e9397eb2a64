// Available memory from /proc/meminfo and the files of control groups (version 2, then 1).
#include "headrace/memory/available.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "headrace/base/unique_fd.h"

namespace headrace::memory {
namespace {

// The beginning of a small file of the kernel's; empty when it cannot be read.
std::string text_of(const char* path) {
  const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  std::array<char, 8192> buffer;
  const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
  return size <= 0 ? std::string() : std::string(buffer.data(), static_cast<size_t>(size));
}

std::optional<uint64_t> leading_number(std::string_view text) {
  const size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return std::nullopt;
  uint64_t value = 0;
  const auto parsed = std::from_chars(text.data() + start, text.data() + text.size(), value);
  if (parsed.ec != std::errc()) return std::nullopt;
  return value;
}

std::optional<uint64_t> free_in_own_group() {
  const std::string folder = "/sys/fs/cgroup/";
  if (const std::string limit = text_of((folder + "memory.max").c_str()); !limit.empty()) {
    return free_in_group(limit, text_of((folder + "memory.current").c_str()));
  }
  return free_in_group(text_of((folder + "memory/memory.limit_in_bytes").c_str()),
                       text_of((folder + "memory/memory.usage_in_bytes").c_str()));
}

}  // namespace

std::optional<uint64_t> available_in_meminfo(std::string_view meminfo) {
  constexpr std::string_view k_name = "MemAvailable:";
  const size_t at = meminfo.find(k_name);
  if (at == std::string_view::npos) return std::nullopt;
  const auto kibibytes = leading_number(meminfo.substr(at + k_name.size()));
  if (!kibibytes || *kibibytes > (~uint64_t{0} >> 10)) return std::nullopt;
  return *kibibytes * 1024;
}

std::optional<uint64_t> free_in_group(std::string_view memory_max,
                                      std::string_view memory_current) {
  const auto limit = leading_number(memory_max);
  const auto used = leading_number(memory_current);
  if (!limit || !used) return std::nullopt;
  return *limit - std::min(*limit, *used);
}

Available available_bytes() {
  Available found{.size_bytes = ~uint64_t{0}, .limited_by = "nothing known"};
  if (const auto machine = available_in_meminfo(text_of("/proc/meminfo"))) {
    found = {.size_bytes = *machine, .limited_by = "MemAvailable"};
  }
  const auto group = free_in_own_group();
  if (group && *group < found.size_bytes) {
    found = {.size_bytes = *group, .limited_by = "control group"};
  }
  return found;
}

bool transparent_huge_pages_allowed() {
  const std::string text = text_of("/sys/kernel/mm/transparent_hugepage/enabled");
  return !text.empty() && text.find("[never]") == std::string::npos;
}

}  // namespace headrace::memory

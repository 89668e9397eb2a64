// io.max and blkio.throttle.read_bps_device.
#include "headrace/doctor/io_limit.h"

#include <algorithm>

#include "headrace/observe/control_group.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {

std::optional<uint64_t> read_limit(const Host& host, const std::string& device_number) {
  std::optional<uint64_t> least;
  const auto take = [&](std::optional<uint64_t> limit) {
    if (limit) least = std::min(*limit, least.value_or(*limit));
  };
  for (std::string folder : observe::group_folders(host.root(), "blkio")) {
    folder.erase(0, host.root().size());
    take(limit_in_io_max(host.text(folder + "/io.max"), device_number));
    take(limit_in_throttle(host.text(folder + "/blkio.throttle.read_bps_device"), device_number));
  }
  return least;
}

std::optional<uint64_t> limit_in_io_max(std::string_view text, std::string_view device_number) {
  for (const std::string_view line : observe::lines_of(text)) {
    const auto words = observe::words_of(line);
    if (words.empty() || words[0] != device_number) continue;
    for (const std::string_view word : words) {
      if (word.starts_with("rbps=")) return number_in(word.substr(5));
    }
  }
  return std::nullopt;
}

std::optional<uint64_t> limit_in_throttle(std::string_view text, std::string_view device_number) {
  for (const std::string_view line : observe::lines_of(text)) {
    const auto words = observe::words_of(line);
    if (words.size() == 2 && words[0] == device_number) return number_in(words[1]);
  }
  return std::nullopt;
}

}  // namespace headrace::doctor

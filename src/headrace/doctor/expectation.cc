// Disks by their links, arrays as the sum, servers by the interface, all below what groups allow.
#include "headrace/doctor/expectation.h"

#include <algorithm>
#include <charconv>

#include "headrace/base/sizes.h"
#include "headrace/doctor/io_limit.h"
#include "headrace/observe/proc_text.h"

namespace headrace::doctor {
namespace {

// Shares of what the link is built for. Half: drives that fill their link and drives that reach two
// thirds of it are both healthy; one that loses lanes or runs a generation down is not.
constexpr double k_share = 0.5;
constexpr double k_sata_bytes_per_s = 0.6e9;      // 6 Gb/s less its encoding
constexpr double k_spinning_bytes_per_s = 0.1e9;  // large blocks here and there, not one long run

double disk_bytes_per_s(const Host& host, const Disk& disk) {
  switch (disk.media) {
    case Media::nvme: {
      const double lane = lane_bytes_per_s(host.text(disk.pci_folder + "/max_link_speed"));
      const auto width = host.number(disk.pci_folder + "/max_link_width");
      return disk.pci_folder.empty() ? 0 : lane * static_cast<double>(width.value_or(0));
    }
    case Media::solid:
      return k_sata_bytes_per_s;
    case Media::spinning:
      return k_spinning_bytes_per_s;
    default:
      return 0;
  }
}

// How many disks' worth of reads an array gives.
double sharing_disks(const Host& host, const DataPath& path) {
  const auto count = static_cast<double>(path.disks.size());
  if (path.arrays.size() != 1) return path.arrays.empty() ? 1 : 0;
  const std::string level = host.text("/sys/class/block/" + path.arrays[0] + "/md/level");
  if (level == "raid0" || level == "raid10") return count;
  if (level == "raid5" || level == "raid4") return std::max(1.0, count - 1);
  if (level == "raid6") return std::max(1.0, count - 2);
  return 1;
}

Expectation of_disks(const Host& host, const DataPath& path) {
  double least = 0;
  for (const Disk& disk : path.disks) {
    const double disk_rate = disk_bytes_per_s(host, disk);
    if (disk_rate <= 0) {
      return {.reason = fmt::format("nothing says what {} ({}) should carry", disk.name,
                                    name_of(disk.media))};
    }
    least = least == 0 ? disk_rate : std::min(least, disk_rate);
  }
  const double rate = least * sharing_disks(host, path);
  if (rate <= 0) return {.reason = "nothing says how these arrays share their reads"};
  const bool one = path.disks.size() == 1;
  return {.bytes_per_s = rate * k_share,
          .reason = fmt::format("half of what {} {} built for",
                                one ? path.disks[0].name + "'s link" : "the disks' links",
                                one ? "is" : "are")};
}

Expectation of_network(const Host& host, const DataPath& path) {
  const auto speed = path.interface.empty()
                         ? std::nullopt
                         : host.number("/sys/class/net/" + path.interface + "/speed");
  if (!speed || *speed == 0 || *speed > 10'000'000) {
    return {.reason = path.interface.empty() ? "the interface towards the server is not known"
                                             : path.interface + " does not tell its speed"};
  }
  return {.bytes_per_s = static_cast<double>(*speed) * 1e6 / 8 * k_share,
          .reason = fmt::format("half of {}'s {} Gb/s", path.interface,
                                static_cast<double>(*speed) / 1000)};
}

Expectation below_group_limits(const Host& host, const DataPath& path, Expectation expected) {
  for (const BlockDevice& device : path.devices) {
    const auto limit = read_limit(host, device.number);
    if (!limit ||
        (expected.bytes_per_s > 0 && static_cast<double>(*limit) * 0.9 >= expected.bytes_per_s)) {
      continue;
    }
    expected = {.bytes_per_s = static_cast<double>(*limit) * 0.9,
                .reason = fmt::format("nine tenths of the {}/s that the control group allows",
                                      format_size(*limit))};
  }
  return expected;
}

}  // namespace

Expectation expectation_of(const Host& host, const DataPath& path) {
  if (path.over_network()) return of_network(host, path);
  if (path.in_memory()) return {.reason = "the data lies in memory"};
  if (!path.lost.empty()) return {.reason = path.lost};
  return below_group_limits(host, path, of_disks(host, path));
}

double lane_bytes_per_s(std::string_view link_speed) {
  double transfers = 0;  // giga a second
  const auto [end, error] =
      std::from_chars(link_speed.data(), link_speed.data() + link_speed.size(), transfers);
  const std::string_view unit = link_speed.substr(static_cast<size_t>(end - link_speed.data()));
  if (error != std::errc{} || !unit.starts_with(" GT/s")) return 0;
  if (!(transfers >= 2 && transfers <= 128)) return 0;             // not a number is neither
  const double encoding = transfers < 6 ? 8.0 / 10 : 128.0 / 130;  // generations 1 and 2: 8b/10b
  return transfers * 1e9 / 8 * encoding;
}

}  // namespace headrace::doctor

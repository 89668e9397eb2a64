// Little's law a disk: who is always asked and answers late, while the others are idle.
#include "headrace/observe/slow_disk.h"

#include <fmt/format.h>

#include <algorithm>

#include "headrace/base/sizes.h"
#include "headrace/observe/advice.h"
#include "headrace/observe/supply.h"

namespace headrace::observe {
namespace {

// What a disk that sets the pace is busy, and how much longer its reads take than the others'.
constexpr double k_always = 0.8;
constexpr double k_much_longer = 2;

double bytes_per_s(const DiskRecord& disk, double seconds) {
  return ratio(static_cast<double>(disk.bytes), seconds);
}

double all_bytes(const Evidence& evidence) {
  double bytes = 0;
  for (const DiskRecord& disk : evidence.reads.disks) bytes += static_cast<double>(disk.bytes);
  return bytes;
}

// Of all reads but this disk's.
double others_latency_s(const DiskRecord& slow, const Evidence& evidence) {
  double sum_s = 0, count = 0;
  for (const DiskRecord& disk : evidence.reads.disks) {
    if (&disk == &slow) continue;
    sum_s += disk.latency_mean_s * static_cast<double>(disk.reads);
    count += static_cast<double>(disk.reads);
  }
  return ratio(sum_s, count);
}

// What the disk gives while it is asked: a lower bound of a disk that is rarely asked for much.
double busy_bytes_per_s(const DiskRecord& disk) { return bytes_per_s(disk, disk.busy_s); }

}  // namespace

const DiskRecord* slow_disk_of(const Evidence& evidence) {
  const auto& disks = evidence.reads.disks;
  if (disks.size() < 2) return nullptr;
  const DiskRecord& slow = *std::ranges::max_element(disks, {}, &DiskRecord::latency_mean_s);
  const double others_s = others_latency_s(slow, evidence);
  const bool holds_up = ratio(slow.busy_s, evidence.window_s) >= k_always && others_s > 0 &&
                        slow.latency_mean_s >= k_much_longer * others_s;
  return holds_up ? &slow : nullptr;
}

std::string disk_text(const DiskRecord& disk, const Evidence& evidence) {
  const double share = ratio(static_cast<double>(disk.bytes), all_bytes(evidence));
  return fmt::format("{}: {}, {} a read, {} of the bytes, busy {} of the time", disk.name,
                     bytes_rate_text(bytes_per_s(disk, evidence.window_s)),
                     seconds_text(disk.latency_mean_s), percent_text(share),
                     percent_text(std::min(1.0, ratio(disk.busy_s, evidence.window_s))));
}

std::string slow_disk_advice(const DiskRecord& slow, const Evidence& evidence) {
  double sum = 0;
  for (const DiskRecord& disk : evidence.reads.disks) sum += busy_bytes_per_s(disk);
  const double share = ratio(static_cast<double>(slow.bytes), all_bytes(evidence));
  return fmt::format(
      "{} sets the pace and the other disks wait for it: look at it (headrace doctor), or move "
      "shards from it to them until it holds {} of the bytes instead of {}. Reading further ahead "
      "does not help.",
      slow.name, percent_text(ratio(busy_bytes_per_s(slow), sum)), percent_text(share));
}

}  // namespace headrace::observe

// Each disk's share is the depth by the number of disks.
#include "headrace/loader/read_queue.h"

#include <algorithm>

#include "headrace/base/check.h"

namespace headrace::loader {

ReadQueue::ReadQueue(ReadQueueOptions options, FeederStats& stats)
    : options_(std::move(options)), stats_(stats), disk_of_tag_(options_.tag_count_max) {
  waiting_.reserve(2 * size_t{options_.depth});
  sendable_.reserve(options_.depth);
}

void ReadQueue::add(const io::Read& read, uint64_t disk) {
  disk_of_tag_[read.tag] = index_of(disk, read.file);
  waiting_.push_back(read);
}

void ReadQueue::send(io::Ring& ring) {
  sendable_.clear();
  size_t kept_count = 0;
  for (const io::Read& read : waiting_) {
    Disk& disk = disks_[disk_of_tag_[read.tag]];
    if (disk.in_flight < share() && in_flight_ < options_.depth) {
      ++disk.in_flight;
      ++in_flight_;
      sendable_.push_back(read);
    } else {
      waiting_[kept_count++] = read;
    }
  }
  waiting_.resize(kept_count);
  const size_t taken = ring.submit(std::span<const io::Read>(sendable_));
  HR_CHECK(taken == sendable_.size(), "{} of {}", taken, sendable_.size());
}

void ReadQueue::note_busy(uint64_t passed_ns) {
  for (size_t index = 0; index < disks_.size(); ++index) {
    if (disks_[index].in_flight > 0) add_to(stats_of(index).busy_ns, passed_ns);
  }
}

void ReadQueue::note_back(const io::Done& done) {
  const uint16_t index = disk_of_tag_[done.tag];
  --disks_[index].in_flight;
  --in_flight_;
  DiskStats& stats = stats_of(index);
  add_to(stats.read_count, 1);
  add_to(stats.latency_ns, done.latency_ns);
  if (done.result > 0) add_to(stats.arrived_bytes, static_cast<uint64_t>(done.result));
}

DiskStats& ReadQueue::stats_of(size_t disk_index) {
  return stats_.disks[std::min(disk_index, stats_.disks.size() - 1)];
}

uint16_t ReadQueue::index_of(uint64_t disk, const io::File* file) {
  const auto found = std::ranges::find(disks_, disk, &Disk::number);
  const auto index = static_cast<size_t>(found - disks_.begin());
  if (found != disks_.end()) return static_cast<uint16_t>(index);
  disks_.push_back({.number = disk});
  if (index < stats_.disks.size()) {
    if (options_.name_of && file != nullptr) stats_.disks[index].name = options_.name_of(*file);
    stats_.disk_count.store(static_cast<uint32_t>(index + 1), std::memory_order_release);
  }
  return static_cast<uint16_t>(index);
}

uint32_t ReadQueue::share() const {
  const size_t disk_count = std::max<size_t>(options_.disk_count, disks_.size());
  return std::max(1U, options_.depth / static_cast<uint32_t>(disk_count));
}

}  // namespace headrace::loader

// Each disk's share is the depth by the number of disks.
#include "headrace/loader/read_queue.h"

#include <algorithm>

#include "headrace/base/check.h"

namespace headrace::loader {

ReadQueue::ReadQueue(const ReadQueueOptions& options)
    : options_(options), disk_of_tag_(options.tag_count_max) {
  waiting_.reserve(2 * size_t{options.depth});
  sendable_.reserve(options.depth);
}

void ReadQueue::add(const io::Read& read, uint64_t disk) {
  disk_of_tag_[read.tag] = index_of(disk);
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

void ReadQueue::note_back(uint64_t tag) {
  --disks_[disk_of_tag_[tag]].in_flight;
  --in_flight_;
}

uint16_t ReadQueue::index_of(uint64_t disk) {
  const auto found = std::ranges::find(disks_, disk, &Disk::number);
  if (found == disks_.end()) disks_.push_back({.number = disk});
  return static_cast<uint16_t>(std::ranges::find(disks_, disk, &Disk::number) - disks_.begin());
}

uint32_t ReadQueue::share() const {
  const size_t disk_count = std::max<size_t>(options_.disk_count, disks_.size());
  return std::max(1U, options_.depth / static_cast<uint32_t>(disk_count));
}

}  // namespace headrace::loader

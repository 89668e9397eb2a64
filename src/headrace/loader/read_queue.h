// Reads that are planned and not yet back: those in the ring, and those that wait for their disk's
// turn; and what each disk did. Thread safety: the feeder's. Invariants: (1) of a disk, no more is
// sent while its share of the ring's depth is in flight, so that a slow one never takes all of it;
// (2) the reads of a disk are sent in the order they were planned; (3) nothing grows but for disks
// seen the first time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "headrace/io/ring.h"
#include "headrace/loader/stats.h"

namespace headrace::loader {

struct ReadQueueOptions {
  uint32_t depth = 64;                                       // the ring's
  uint32_t disk_count = 1;                                   // as many share it at least
  uint32_t tag_count_max = 4096;                             // tags are below
  std::function<std::string(const io::File&)> name_of = {};  // asked once a disk
};

class ReadQueue {
 public:
  ReadQueue(ReadQueueOptions options, FeederStats& stats);

  // Whether another may be planned. With several disks as many wait as are in flight, so that each
  // has work while the others' reads come first.
  bool has_room() const { return count() < (disks_.size() > 1 ? 2 : 1) * size_t{options_.depth}; }
  size_t count() const { return waiting_.size() + in_flight_; }
  void add(const io::Read& read, uint64_t disk);
  void send(io::Ring& ring);
  // Disks with reads in flight were so for as long.
  void note_busy(uint64_t passed_ns);
  void note_back(const io::Done& done);

 private:
  struct Disk {
    uint64_t number = 0;
    uint32_t in_flight = 0;
  };
  uint16_t index_of(uint64_t disk, const io::File* file);
  uint32_t share() const;
  DiskStats& stats_of(size_t disk_index);

  ReadQueueOptions options_;
  FeederStats& stats_;
  std::vector<Disk> disks_;
  std::vector<uint16_t> disk_of_tag_;
  std::vector<io::Read> waiting_;
  std::vector<io::Read> sendable_;
  uint32_t in_flight_ = 0;
};

}  // namespace headrace::loader

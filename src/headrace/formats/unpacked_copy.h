// A shard's unpacked copy in the cache folder: its name, who makes it, whether a crash may have
// spoiled it, and how long it is kept. Beside a copy lies "<copy>.lock", which says what it is of.
// Thread safety: any thread, also several processes: a lock says who makes a copy.
// Invariants: 1. a copy is believed only if it was synced to the disk or made since this machine
// started; 2. the same shard, by path, size and time, has the same copy.
#pragma once

#include <string>

#include "headrace/base/unique_fd.h"
#include "headrace/formats/shard_index.h"

namespace headrace::formats {

class UnpackedCopy {
 public:
  UnpackedCopy(Files& files, const ShardPlace& source);

  const std::string& path() const { return path_; }
  // A whole copy is there. Notes that it is used, and makes sure of it once its pages were written
  // to the disk anyway.
  bool is_there();
  // Waits until nobody else makes it.
  void lock();
  // Locked: what is there counts as nothing.
  void forget();
  // Locked, before it is made. False: it has to be synced before it has its name.
  bool may_be_shown();

 private:
  std::string state() const;
  void write_state(const std::string& state);
  void sync();

  Files& files_;
  const ShardPlace& source_;
  std::string path_;
  std::string lock_path_;
  UniqueFd lock_;
};

// Removes copies whose shard is gone or changed and that no run opened for a day, and copies and
// indexes of the cache folder that no run used for 30 days; all are made again when wanted.
void let_go_of_unused(Files& files, const std::string& cache_folder, int64_t now_ns);

// Since 1970, as files' times are.
int64_t wall_now_ns();

}  // namespace headrace::formats

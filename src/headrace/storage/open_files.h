// Open files, a bounded number of them: an image folder has one file a sample, and descriptors are
// few. Thread safety: one owner thread. Invariants: (1) at most `capacity` files are open, more
// only while all of them are in use; (2) a file in use is never closed; (3) the least recently used
// idle file is closed first.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "headrace/io/file.h"

namespace headrace::storage {

struct OpenFilesOptions {
  Files* files = &real_files();
  io::Caching caching = io::Caching::page;
  size_t capacity = 1024;  // lowered to what RLIMIT_NOFILE leaves room for
  std::function<std::string(uint64_t file_index)>
      path_of;                                            // asked only when a file has to be opened
  std::function<uint64_t(const io::File&)> disk_of = {};  // likewise; absent = 0 for all
};

class OpenFiles {
 public:
  explicit OpenFiles(OpenFilesOptions options);
  // The open file, in use until released as often as acquired. Throws Error when it cannot be
  // opened.
  const io::File* acquire(uint64_t file_index);
  void release(uint64_t file_index);
  uint64_t disk_of(uint64_t file_index) const;  // of one that is open
  size_t open_count() const { return entries_.size(); }

 private:
  struct Entry {
    std::unique_ptr<io::File> file;
    uint32_t use_count = 0;
    uint64_t disk = 0;
    std::list<uint64_t>::iterator place;  // in recency_, the latest first
  };
  bool close_idle();

  OpenFilesOptions options_;
  std::unordered_map<uint64_t, Entry> entries_;
  std::list<uint64_t> recency_;
};

// The wish, or what the limit on descriptors leaves room for: a direct file takes two of them.
size_t capacity_within(size_t wish, uint64_t descriptor_limit);

}  // namespace headrace::storage

// A file that rings read: opened twice where direct I/O is possible, with the alignment that the
// kernel asks for. Thread safety: const after open, but for the latch to buffered reads (atomic).
// Invariant: fd_buffered is open.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "headrace/base/files.h"

namespace headrace::io {

enum class Caching {
  page,
  direct
};  // page: through the page cache; direct: O_DIRECT where the file has it

class File {
 public:
  // Throws Error when the file cannot be opened or is not a regular file. A file system without
  // direct I/O is no error: why_not_direct() says so.
  static std::unique_ptr<File> open(Files& files, const std::string& path, Caching caching);

  const std::string& path() const { return path_; }
  uint64_t size_bytes() const { return size_bytes_; }
  bool direct() const { return fd_direct_ && !latched_.load(std::memory_order_relaxed); }
  int fd() const { return direct() ? fd_direct_.get() : fd_buffered_.get(); }
  int fd_buffered() const { return fd_buffered_.get(); }
  int fd_direct() const { return fd_direct_.get(); }  // -1 when there is none; also after the latch
  uint32_t memory_alignment() const { return memory_alignment_; }  // 1 when buffered
  uint32_t offset_alignment() const { return offset_alignment_; }
  const std::string& why_not_direct() const { return why_not_direct_; }
  // After an EINVAL of a direct read: all further reads of this file are buffered. True for the
  // first to say so.
  bool latch_buffered() const { return !latched_.exchange(true, std::memory_order_relaxed); }
  bool latched() const { return latched_.load(std::memory_order_relaxed); }

 private:
  File() = default;
  void open_direct(Files& files);

  std::string path_;
  uint64_t size_bytes_ = 0;
  UniqueFd fd_buffered_;
  UniqueFd fd_direct_;
  uint32_t memory_alignment_ = 1;
  uint32_t offset_alignment_ = 1;
  std::string why_not_direct_;
  mutable std::atomic<bool> latched_{false};
};

}  // namespace headrace::io

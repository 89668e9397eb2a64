// A file that rings read or write: opened twice where direct I/O is possible, with the alignment
// that the kernel asks for. Thread safety: const after open, but for the latches
// (atomic). Invariant: fd_buffered is open.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "headrace/base/files.h"

namespace headrace::io {

enum class Caching {
  page,      // through the page cache
  direct,    // O_DIRECT where the file has it
  uncached,  // buffered, and nothing of it stays in the page cache where the kernel can do that
};

// create: made, or emptied. Files opened to be written may be read as well.
enum class Access { read, write, create };

// What a file is made of. `fd_direct` is empty without direct I/O, and the alignments are 1 then.
struct FileParts {
  std::string path = {};
  uint64_t size_bytes = 0;
  UniqueFd fd_buffered = {};
  UniqueFd fd_direct = {};
  uint32_t memory_alignment = 1;
  uint32_t offset_alignment = 1;
  std::string why_not_direct = {};
  bool writable = false;
  bool uncached = false;  // buffered I/O should leave nothing in the page cache
};

class File {
 public:
  explicit File(FileParts parts);  // open() is the usual way
  // Throws Error when it cannot be opened or is neither a regular file nor a block device. A file
  // system without direct I/O is no error: why_not_direct() says so.
  static std::unique_ptr<File> open(Files& files, const std::string& path, Caching caching,
                                    Access access = Access::read);

  // Of this object alone, in all of the process's life: descriptors and addresses are used again.
  uint64_t id() const { return id_; }
  const std::string& path() const { return parts_.path; }
  uint64_t size_bytes() const { return parts_.size_bytes; }  // when it was opened
  bool writable() const { return parts_.writable; }
  bool direct() const { return parts_.fd_direct && !latched_.load(std::memory_order_relaxed); }
  int fd() const { return direct() ? parts_.fd_direct.get() : parts_.fd_buffered.get(); }
  int fd_buffered() const { return parts_.fd_buffered.get(); }
  int fd_direct() const {
    return parts_.fd_direct.get();
  }  // -1 when there is none; also after the latch
  uint32_t memory_alignment() const { return parts_.memory_alignment; }  // 1 when buffered
  uint32_t offset_alignment() const { return parts_.offset_alignment; }
  const std::string& why_not_direct() const { return parts_.why_not_direct; }
  // After an EINVAL of direct I/O: all further I/O of this file are buffered. True for the
  // first to say so.
  bool latch_buffered() const { return !latched_.exchange(true, std::memory_order_relaxed); }
  // Direct I/O was asked for and is not to be had, so what is read should at least not displace
  // what others keep in the page cache; false once a kernel or file system cannot (before 6.14).
  bool uncached() const {
    return parts_.uncached && !latched_cached_.load(std::memory_order_relaxed);
  }
  void latch_cached() const { latched_cached_.store(true, std::memory_order_relaxed); }
  bool latched() const { return latched_.load(std::memory_order_relaxed); }

 private:
  FileParts parts_;
  uint64_t id_;
  mutable std::atomic<bool> latched_{false};
  mutable std::atomic<bool> latched_cached_{false};
};

}  // namespace headrace::io

// The files that cuFile knows, and the arena that it has registered.
// Thread safety: any thread. Invariants: (1) a handle has a descriptor of its own, so the file may
// be closed before it; (2) at most k_most_idle handles that nothing uses are kept.
#pragma once

#include <expected>
#include <mutex>
#include <unordered_map>

#include "headrace/base/unique_fd.h"
#include "headrace/io/attempt.h"
#include "headrace/shim/cufile.h"

namespace headrace::io {

// Where a target lies for cuFile: registered buffers are named by their base.
struct CuPlace {
  std::byte* base = nullptr;
  off_t offset_bytes = 0;
};

class CuFileFiles {
 public:
  static constexpr size_t k_most_idle = 256;

  CuFileFiles(const shim::CuFile& library, std::span<std::byte> arena);
  ~CuFileFiles();
  CuFileFiles(CuFileFiles&&) = delete;

  bool arena_is_registered() const { return registered_; }
  // In use until released. The error is an errno.
  std::expected<shim::CuHandle, int> acquire(const Piece& piece);
  void release(const Piece& piece);
  CuPlace place_of(std::span<const std::byte> target) const;

 private:
  struct Entry {
    UniqueFd fd;
    shim::CuHandle handle = nullptr;
    uint32_t uses = 0;
  };
  void forget_idle();

  const shim::CuFile& library_;
  std::span<std::byte> arena_;
  bool registered_ = false;
  std::mutex mutex_;
  std::unordered_map<uint64_t, Entry> entries_;  // by Piece::fd_key; guarded by mutex_
};

}  // namespace headrace::io

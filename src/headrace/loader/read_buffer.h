// Where bytes land between storage and the workers: one arena used as a circle. Blocks are taken in
// order by the feeder, handed back in any order by the workers, and come free in order. Bounded:
// nothing grows. Thread safety: take, reclaim and free_* belong to the feeder; hand_back may be
// called by any thread. Invariants: (1) a block never wraps; (2) blocks between head and tail are
// disjoint; (3) each block is handed back exactly once.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headrace/memory/arena.h"

namespace headrace::loader {

struct ReadBufferOptions {
  size_t size_bytes = 64 << 20;
  uint32_t block_count_max = 4096;
  size_t alignment_bytes = 4096;
};

struct Block {
  uint32_t index = 0;  // in [0, block_count_max)
  std::span<std::byte> bytes;
};

class ReadBuffer {
 public:
  explicit ReadBuffer(const ReadBufferOptions& options);

  // A block of at least this many bytes, or nothing while too much is still in use.
  std::optional<Block> take(size_t size_bytes);
  // Blocks larger than this are never given.
  size_t block_bytes_max() const { return arena_.bytes().size(); }
  // Any thread: the bytes are no longer needed.
  void hand_back(uint32_t block_index) {
    blocks_[block_index].in_use.store(false, std::memory_order_release);
  }
  // Frees what was handed back, oldest first; returns how many blocks that were.
  uint32_t reclaim();
  uint32_t block_count() const { return static_cast<uint32_t>(tail_ - head_); }
  const memory::Arena& arena() const { return arena_; }

 private:
  struct Used {
    std::atomic<bool> in_use{false};
    uint64_t end = 0;  // of the circle's running byte count, after this block
  };
  memory::Arena arena_;
  size_t alignment_bytes_;
  std::vector<Used> blocks_;
  uint64_t head_ = 0, tail_ = 0;  // running block counts
  uint64_t head_bytes_ = 0,
           tail_bytes_ = 0;  // running byte counts; position = count modulo the arena
};

}  // namespace headrace::loader

// The files that a ring reads often, in the kernel's own table, so that a read needs no look-up and
// no count of references (which all threads of a process share). Thread safety: the ring's owner.
// Invariants: (1) an entry names one File for ever (File::id), so a descriptor that is closed and
// used again is never mistaken; (2) an entry changes only while no unsent read refers to it; (3) a
// file stays in the kernel until its entry is taken over or the ring ends, closed or not.
#pragma once

#include <liburing.h>

#include <cstdint>
#include <vector>

#include "headrace/io/attempt.h"

namespace headrace::io {

class FixedFiles {
 public:
  static constexpr uint32_t k_count = 1024;
  static constexpr uint32_t k_uses_until_fixed = 4;
  static constexpr uint32_t k_uses_until_replaced = 64;  // by others, without one of its own

  // False where the kernel has no sparse tables (before 5.19) or refuses one.
  bool register_table(::io_uring& ring);
  // The entry of the piece's descriptor, or -1. `may_replace`: no unsent read refers to any entry.
  int index_of(::io_uring& ring, const Piece& piece, bool may_replace);

 private:
  struct Entry {
    uint64_t fd_key = 0;
    uint32_t misses = 0;
  };
  std::vector<Entry> entries_;  // empty without a table
};

}  // namespace headrace::io

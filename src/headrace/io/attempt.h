// One read, write or sync on its way: which system call comes next, and what its raw result means.
// Every ring uses this one. Pure but for File::latch_buffered. Thread safety: a value of the thread
// that serves the read. Invariants: (1) a piece never leaves the target; (2) each further piece
// makes progress, so the count is bounded; (3) a direct piece starts and ends on the file's
// alignment.
#pragma once

#include <cstdint>
#include <span>

#include "headrace/io/ring.h"

namespace headrace::io {

enum class Action : uint8_t { read, write, sync };

// The next system call: `target` is read into, or written from.
struct Piece {
  Action action = Action::read;
  int fd = -1;
  uint64_t offset_bytes = 0;
  std::span<std::byte> target = {};
};

class Attempt {
 public:
  // One system call moves less than 2 GiB; 1 GiB is also the largest registered buffer.
  static constexpr uint64_t k_most_piece_bytes = uint64_t{1} << 30;
  static constexpr uint32_t k_most_retries = 16;  // EINTR and EAGAIN in a row

  Attempt() = default;
  explicit Attempt(const Read& read);
  explicit Attempt(const Write& write);
  explicit Attempt(const Sync& sync);

  bool done() const { return done_; }
  Piece next() const;  // only while not done()
  // Takes what the system call for next() returned: bytes, or -errno.
  void take(int64_t raw, RingCounts& counts);
  Done result(uint64_t submitted_ns, uint64_t now_ns) const;  // only when done()

 private:
  void plan();
  bool is_aligned() const;
  void take_bytes(uint64_t raw_bytes, RingCounts& counts);
  void take_written(uint64_t raw_bytes, RingCounts& counts);
  void take_error(int error_number, RingCounts& counts);
  void finish(int64_t result);

  Read wish_;                 // of a write: its target is the source, and stays as it is
  uint64_t start_bytes_ = 0;  // file offset of target[0]
  uint64_t end_bytes_ = 0;    // one past the last byte to ask for
  uint64_t got_bytes_ = 0;    // bytes that came or went, from target[0]
  uint64_t next_bytes_ = 0;   // where in the target the next piece starts
  int64_t result_ = 0;
  uint32_t retries_ = 0;
  Action action_ = Action::read;
  bool direct_ = false;
  bool done_ = false;
};

}  // namespace headrace::io

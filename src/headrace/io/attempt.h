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

inline constexpr int k_rwf_dontcache = 0x80;  // Linux 6.14; older headers lack it

// The next system call: `target` is read into, or written from.
struct Piece {
  Action action = Action::read;
  uint64_t fd_key = 0;  // names the descriptor for ever: see File::id
  bool direct = false;
  bool uncached = false;  // buffered, and not kept in the page cache (RWF_DONTCACHE)
  const File* file = nullptr;
  int fd = -1;
  uint64_t offset_bytes = 0;
  std::span<std::byte> target = {};
};

class Attempt {
 public:
  // One system call moves less than 2 GiB; 1 GiB is also the largest registered buffer.
  static constexpr uint64_t k_most_piece_bytes = uint64_t{1} << 30;

  Attempt() = default;
  explicit Attempt(const Read& read, Retries retries = {});
  explicit Attempt(const Write& write, Retries retries = {});
  explicit Attempt(const Sync& sync, Retries retries = {});

  bool done() const { return done_; }
  Piece next() const;  // only while not done()
  // Takes what the system call for next() returned: bytes, or -errno.
  void take(int64_t raw, RingCounts& counts);
  // While its call is under way: nothing more is tried after it, which may still succeed.
  void stop(int error_number) { stop_error_ = error_number; }
  // While no call is under way: it ends now.
  void abandon(int error_number) { finish(-int64_t{error_number}); }
  uint64_t tag() const { return wish_.tag; }
  uint64_t deadline_ns() const { return wish_.deadline_ns; }
  Done result(uint64_t submitted_ns, uint64_t now_ns) const;  // only when done()

 private:
  void plan();
  bool is_aligned() const;
  void take_bytes(uint64_t raw_bytes, RingCounts& counts);
  void take_written(uint64_t raw_bytes, RingCounts& counts);
  void take_error(int error_number, RingCounts& counts);
  bool may_retry(int error_number);
  void finish(int64_t result);

  Read wish_;                 // of a write: its target is the source, and stays as it is
  uint64_t start_bytes_ = 0;  // file offset of target[0]
  uint64_t end_bytes_ = 0;    // one past the last byte to ask for
  uint64_t got_bytes_ = 0;    // bytes that came or went, from target[0]
  uint64_t next_bytes_ = 0;   // where in the target the next piece starts
  int64_t result_ = 0;
  Retries allowed_ = {};
  Retries used_ = {.transient = 0, .io_error = 0};
  int stop_error_ = 0;
  Action action_ = Action::read;
  bool direct_ = false;
  bool done_ = false;
};

}  // namespace headrace::io

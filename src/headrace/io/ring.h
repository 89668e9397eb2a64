// The one interface of everything that moves bytes: submit many, complete in any order.
// Thread safety: one owner thread makes, uses and destroys it. Invariants: (1) in flight never
// exceeds info().depth; (2) what was accepted completes exactly once, or not at all once the ring
// is destroyed; (3) a target or source belongs to the ring from submit to its Done or the ring's
// destruction; (4) what was accepted starts at the latest in the next wait(), in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "headrace/io/file.h"

namespace headrace::io {

inline constexpr uint64_t k_no_deadline = ~uint64_t{0};

// The wish: `length_bytes` at `offset_bytes`, any alignment. `target` must be at least
// target_bytes_for(file, offset, length) long and aligned to k_target_alignment: direct reads
// over-read into it. Past `deadline_ns` (a steady clock's) nothing more is tried and the kernel is
// asked to give up; the read ends with -ETIMEDOUT once no one writes to the target any more, which
// a device that hangs may delay.
struct Read {
  const File* file = nullptr;
  uint64_t offset_bytes = 0;
  uint64_t length_bytes = 0;
  std::span<std::byte> target = {};
  uint64_t tag = 0;
  uint64_t deadline_ns = k_no_deadline;
};
// All of `source` goes to `offset_bytes` of a file opened to be written: direct where offset,
// length and address are aligned as the file wants, else through the page cache. A short write is
// gone on with.
struct Write {
  const File* file = nullptr;
  uint64_t offset_bytes = 0;
  std::span<const std::byte> source = {};
  uint64_t tag = 0;
};
// Makes durable what was completed (not: submitted) before it. After an error nothing is known of
// the file's bytes, and a second try proves nothing.
struct Sync {
  const File* file = nullptr;
  uint64_t tag = 0;
};
// `result`: bytes read (fewer than asked = end of file), or all bytes written, or 0 of a sync, or
// -errno. `data`: of a read, where the first wanted byte lies inside the target (target + skew).
// `latency_ns`: from submit to completion.
struct Done {
  uint64_t tag = 0;
  int64_t result = 0;
  std::byte* data = nullptr;
  uint64_t latency_ns = 0;
};

class Registration;

struct RingInfo {
  std::string engine = {};
  uint32_t depth = 0;
  bool registered = false;  // the whole arena is registered as fixed buffers
  uint64_t registered_bytes = 0;
  bool shares_registration = false;  // with other rings, through RingOptions::registration
  bool fixed_files = false;          // files that are used often are looked up once
  bool sqpoll = false;
  bool iopoll = false;
  // Empty, or one sentence: which better engine or flag was refused, and why.
  std::string why_not_better = {};
};

// What a ring has done so far. `read_bytes` came from files, over-read included.
struct RingCounts {
  uint64_t completed = 0;
  uint64_t failed = 0;
  uint64_t read_bytes = 0;
  uint64_t written_bytes = 0;
  uint64_t retries = 0;  // of what Retries allows
  uint64_t resumes = 0;  // a short read or write was gone on with
  uint64_t latches = 0;  // files that refused direct I/O and are buffered since

  RingCounts& operator+=(const RingCounts& other) {
    completed += other.completed;
    failed += other.failed;
    read_bytes += other.read_bytes;
    written_bytes += other.written_bytes;
    retries += other.retries;
    resumes += other.resumes;
    latches += other.latches;
    return *this;
  }
};

inline constexpr size_t k_target_alignment = 4096;
// An upper bound that holds for direct and buffered files alike.
size_t target_bytes_for(const File& file, uint64_t offset_bytes, uint64_t length_bytes);

class Ring {
 public:
  // Waits for what the kernel has begun and drops the rest; files and targets must outlive it.
  virtual ~Ring() = default;
  // How many it took, in order; fewer than given = the ring is full.
  virtual size_t submit(std::span<const Read> reads) = 0;
  virtual size_t submit(std::span<const Write> writes) = 0;
  virtual size_t submit(std::span<const Sync> syncs) = 0;
  // Blocks until `least` completions or the deadline (a steady clock's ns); returns how many were
  // written, at most done.size(). `least` = 0 looks without blocking; more than are in flight means
  // all of them.
  virtual size_t wait(std::span<Done> done, size_t least, uint64_t deadline_ns) = 0;
  // What has this tag and no Done yet ends with -ECANCELED, or as it would have if it was quicker.
  virtual void cancel(uint64_t tag) = 0;
  virtual size_t in_flight() const = 0;
  virtual RingInfo info() const = 0;
  virtual RingCounts counts() const { return {}; }
};

// How often an operation is tried again after an error, in a row. EIO usually comes from a medium
// that stays bad; network file systems also say it of a server that comes back.
struct Retries {
  uint8_t transient = 16;  // EINTR, EAGAIN
  uint8_t io_error = 0;    // EIO
};

struct RingOptions {
  // auto (uring, else threads) | uring | threads | psync | usrbio | and those of cufile.h
  std::string engine = "auto";
  uint32_t depth = 64;
  std::span<std::byte> arena = {};  // registered where the kernel and memlock allow; may be empty
  Retries retries = {};
  // Of uring alone. Each is proved by a real read, and left off with the reason where that fails.
  const Registration* registration = nullptr;  // the arena's, taken over instead of made again
  std::string mount = {};                      // of usrbio: where 3FS is
  bool sqpoll = false;              // a kernel thread takes submissions: only where cores are idle
  const File* iopoll_on = nullptr;  // completions are polled, as this file's device allows
};
// Throws Error for an unknown engine, or a named engine that this host refuses (EPERM, ENOSYS: with
// the reason).
std::unique_ptr<Ring> make_ring(const RingOptions& options);

}  // namespace headrace::io

// io_uring: operations are queued as preformatted entries, sent and reaped in one system call, with
// no allocation. Thread safety: one owner thread, which makes the ring too (the kernel holds a
// single-issuer ring to it). Invariants: (1) an operation has at most one entry in the kernel, and
// one that cancels it, so the completions never overflow; (2) the destructor returns only when the
// kernel writes to no target any more.
#pragma once

#include <liburing.h>

#include <expected>

#include "headrace/io/fixed_files.h"
#include "headrace/io/operations.h"
#include "headrace/io/registration.h"
#include "headrace/io/uring_setup.h"

namespace headrace::io {

class UringRing final : public Ring {
 public:
  // The error is one sentence: which step the host refused, and what that usually means.
  static std::expected<std::unique_ptr<UringRing>, std::string> make(const RingOptions& options);
  ~UringRing() override;
  size_t submit(std::span<const Read> reads) override { return accept(reads); }
  size_t submit(std::span<const Write> writes) override { return accept(writes); }
  size_t submit(std::span<const Sync> syncs) override { return accept(syncs); }
  size_t wait(std::span<Done> done, size_t least, uint64_t deadline_ns) override;
  void cancel(uint64_t tag) override;
  size_t in_flight() const override { return operations_.in_flight(); }
  RingInfo info() const override { return info_; }
  RingCounts counts() const override { return counts_; }

 private:
  template <typename Wish>
  size_t accept(std::span<const Wish> wishes);
  UringRing(const UringSetup& setup, const RingOptions& options);
  void register_arena(const RingOptions& options);
  bool take_over(const Registration& registration);
  void queue_piece(uint32_t index);
  void part_long_runs(const Piece& piece);
  void serve_here(uint32_t index);
  void stop(uint32_t index, int error_number);
  io_uring_sqe* next_entry();
  void enter(uint32_t least, uint64_t deadline_ns);
  void bear_refusal(int error_number);
  void reap();
  void note(const std::string& sentence);
  int buffer_index(std::span<const std::byte> target) const;

  ::io_uring ring_;
  Operations operations_;
  uint32_t unsent_ = 0;     // entries that the kernel has not taken yet
  uint32_t in_kernel_ = 0;  // entries without a completion, unsent ones included
  struct {
    int fd = -1;
    uint64_t end_bytes = 0;
    uint64_t size_bytes = 0;
  } run_;                  // adjacent direct pieces, one after the other
  uint32_t refusals_ = 0;  // enters in a row that the kernel had no memory for
  std::span<std::byte> registered_;
  FixedFiles fixed_files_;
  RingCounts counts_;
  RingInfo info_;
  OwnerThread owner_;
};

}  // namespace headrace::io

// The plain reference: pread and pwrite, one after the other, when it is waited for. Slow, and easy
// to be sure of. Thread safety: one owner thread.
#pragma once

#include "headrace/io/operations.h"

namespace headrace::io {

// Serves one piece with pread, pwrite or fsync: bytes, or -errno.
int64_t serve_piece(const Piece& piece);

class PsyncRing final : public Ring {
 public:
  explicit PsyncRing(const RingOptions& options);
  ~PsyncRing() override = default;
  size_t submit(std::span<const Read> reads) override { return accept(reads); }
  size_t submit(std::span<const Write> writes) override { return accept(writes); }
  size_t submit(std::span<const Sync> syncs) override { return accept(syncs); }
  size_t wait(std::span<Done> done, size_t least, uint64_t deadline_ns) override;
  void cancel(uint64_t tag) override;
  size_t in_flight() const override { return operations_.in_flight(); }
  RingInfo info() const override;
  RingCounts counts() const override { return counts_; }

 private:
  template <typename Wish>
  size_t accept(std::span<const Wish> wishes);
  void serve_one();

  uint32_t depth_;
  Operations operations_;
  IndexQueue pending_;
  RingCounts counts_;
  OwnerThread owner_;
};

}  // namespace headrace::io

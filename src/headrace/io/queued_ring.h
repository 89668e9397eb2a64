// What rings share that begin their operations in wait(): a queue of what was accepted and not yet
// begun. Thread safety: one owner thread. Invariant: an operation is pending, begun or finished,
// and only one that is begun is stopped rather than ended at once.
#pragma once

#include "headrace/io/operations.h"

namespace headrace::io {

class QueuedRing : public Ring {
 public:
  size_t submit(std::span<const Read> reads) override { return accept(reads); }
  size_t submit(std::span<const Write> writes) override { return accept(writes); }
  size_t submit(std::span<const Sync> syncs) override { return accept(syncs); }
  void cancel(uint64_t tag) override;
  size_t wait(std::span<Done> done, size_t least, uint64_t deadline_ns) final;
  size_t in_flight() const final { return operations_.in_flight(); }
  RingInfo info() const final { return info_; }
  RingCounts counts() const final { return counts_; }

 protected:
  QueuedRing(const RingOptions& options, RingInfo info);
  // Begins what it can of pending_, and waits until `least` more are finished or the deadline; may
  // return early.
  virtual void serve(size_t least, uint64_t deadline_ns) = 0;
  // What a call for the operation's next piece returned: it ends, or is pending again.
  void take(uint32_t index, int64_t raw);

  RingInfo info_;
  Operations operations_;
  IndexQueue pending_;
  RingCounts counts_;
  OwnerThread owner_;

 private:
  template <typename Wish>
  size_t accept(std::span<const Wish> wishes);
  void stop(uint32_t index, int error_number);
};

}  // namespace headrace::io

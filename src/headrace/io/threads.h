// A pool of pread and pwrite threads behind the face of a ring: for hosts that refuse io_uring.
// Thread safety: one owner thread; the workers are its own. Invariants: (1) one mutex guards both
// queues and the counts, never held over a call; (2) an operation is its worker's from the pop to
// the push.
#pragma once

#include <functional>
#include <mutex>
#include <thread>

#include "headrace/base/condition.h"
#include "headrace/io/operations.h"

namespace headrace::io {

class ThreadsRing final : public Ring {
 public:
  static constexpr uint32_t k_most_threads = 32;

  using Serve = std::function<int64_t(const Piece&)>;  // called by many threads

  // `why_not_better`: what kept a better engine away; empty when threads were asked for.
  ThreadsRing(const RingOptions& options, std::string why_not_better);
  // Another engine's blocking calls, served by this pool.
  ThreadsRing(const RingOptions& options, RingInfo info, Serve serve);
  ~ThreadsRing() override;
  size_t submit(std::span<const Read> reads) override { return accept(reads); }
  size_t submit(std::span<const Write> writes) override { return accept(writes); }
  size_t submit(std::span<const Sync> syncs) override { return accept(syncs); }
  size_t wait(std::span<Done> done, size_t least, uint64_t deadline_ns) override;
  void cancel(uint64_t tag) override;
  size_t in_flight() const override { return operations_.in_flight(); }
  RingInfo info() const override { return info_; }
  RingCounts counts() const override;

 private:
  template <typename Wish>
  size_t accept(std::span<const Wish> wishes);
  void work(std::stop_token stop);
  void serve(Operation& operation, RingCounts& counts);
  void stop(uint32_t index, int error_number);
  void collect(size_t wanted, uint64_t deadline_ns);

  RingInfo info_;
  Serve serve_;
  Operations operations_;  // the owner's, but for the attempts that workers hold
  uint64_t delivered_ = 0;
  uint64_t failed_ = 0;
  OwnerThread owner_;

  mutable std::mutex mutex_;
  IndexQueue pending_;  // guarded by mutex_
  IndexQueue served_;   // guarded by mutex_
  RingCounts counts_;   // guarded by mutex_
  size_t wanted_ = 0;   // guarded by mutex_: how many served the owner sleeps for
  std::condition_variable_any has_pending_;
  std::condition_variable has_served_;
  std::vector<std::jthread> workers_;  // last: they end before what they use
};

}  // namespace headrace::io

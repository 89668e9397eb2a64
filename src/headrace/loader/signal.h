// A bell between threads: whoever waits reads the count first, looks at the state, and sleeps only
// while the count stands. Thread safety: any thread. No wake-up is lost, because ringing changes
// the count. A futex of its own, since std::atomic::wait has no deadline.
#pragma once

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdint>
#include <ctime>

#include "headrace/base/clock.h"

namespace headrace::loader {

inline constexpr uint64_t k_for_ever = ~uint64_t{0};

class Signal {
 public:
  uint32_t seen() const { return count_.load(std::memory_order_acquire); }

  // Returns once the bell has rung after `seen` was read, at the deadline (steady_now_ns), or, now
  // and then, early: the caller looks at the state again in any case.
  void wait(uint32_t seen, uint64_t deadline_ns = k_for_ever) {
    if (count_.load(std::memory_order_acquire) != seen) return;
    const timespec deadline{.tv_sec = static_cast<time_t>(deadline_ns / 1'000'000'000),
                            .tv_nsec = static_cast<long>(deadline_ns % 1'000'000'000)};
    // Sequentially consistent with ring(): either it sees this waiter, or the kernel sees its
    // count.
    waiting_count_.fetch_add(1);
    ::syscall(SYS_futex, &count_, FUTEX_WAIT_BITSET_PRIVATE, seen,
              deadline_ns == k_for_ever ? nullptr : &deadline, nullptr, FUTEX_BITSET_MATCH_ANY);
    waiting_count_.fetch_sub(1);
  }

  void ring() {
    count_.fetch_add(1);
    if (waiting_count_.load() == 0) return;
    ::syscall(SYS_futex, &count_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }

 private:
  alignas(64) std::atomic<uint32_t> count_{0};
  std::atomic<uint32_t> waiting_count_{0};
};

}  // namespace headrace::loader

// What a CUDA stream reports from its own thread: numbers of operations that it has passed.
// Thread safety: any thread notes; the owner collects. Invariant: no more arrive than it was made
// for.
#pragma once

#include <chrono>
#include <limits>
#include <mutex>
#include <optional>

#include "headrace/base/condition.h"
#include "headrace/io/operations.h"

namespace headrace::io {

class Arrivals {
 public:
  explicit Arrivals(uint32_t capacity) : arrived_(capacity) {}

  void note(uint32_t number) {
    {
      const std::lock_guard lock(mutex_);
      arrived_.push(number);
    }
    has_arrived_.notify_one();
  }
  // The next one, waited for until the deadline.
  std::optional<uint32_t> next(uint64_t deadline_ns) {
    constexpr uint64_t k_latest_ns = std::numeric_limits<int64_t>::max();
    const auto deadline = std::chrono::steady_clock::time_point(
        std::chrono::nanoseconds(static_cast<int64_t>(std::min(deadline_ns, k_latest_ns))));
    std::unique_lock lock(mutex_);
    const auto any = [this] { return !arrived_.empty(); };
    if (deadline_ns == k_no_deadline) has_arrived_.wait(lock, any);
    if (!has_arrived_.wait_until(lock, deadline, any)) return std::nullopt;
    return arrived_.pop();
  }

 private:
  std::mutex mutex_;
  IndexQueue arrived_;  // guarded by mutex_
  std::condition_variable has_arrived_;
};

}  // namespace headrace::io

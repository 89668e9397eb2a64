// A thread's time without work, told up to the very moment: a wait that has not ended yet counts.
// Thread safety: one writer, any reader. One word holds it all, so that no reader sees half of a
// change. A writer that is held up between its clock and its word lets what is told shrink by that.
#pragma once

#include <atomic>
#include <cstdint>

#include "headrace/base/clock.h"

namespace headrace::loader {

class IdleTime {
 public:
  // Idle from its birth on.
  explicit IdleTime(uint64_t now_ns) : word_(k_idle | now_ns) {}

  void end(uint64_t now_ns) {
    word_.store(now_ns - (word_.load(std::memory_order_relaxed) & ~k_idle),
                std::memory_order_release);
  }
  void begin(uint64_t now_ns) {
    word_.store(k_idle | (now_ns - word_.load(std::memory_order_relaxed)),
                std::memory_order_release);
  }
  // Reads again where the wait ended while the clock was read.
  uint64_t total_ns(const Clock& clock = SteadyClock()) const {
    while (true) {
      const uint64_t word = word_.load(std::memory_order_acquire);
      if ((word & k_idle) == 0) return word;
      const uint64_t now_ns = clock.now_ns();
      if (word_.load(std::memory_order_acquire) == word) return now_ns - (word & ~k_idle);
    }
  }

 private:
  static constexpr uint64_t k_idle = uint64_t{1} << 63;
  std::atomic<uint64_t> word_;  // idle: the time at which it would have begun in one piece
};

}  // namespace headrace::loader

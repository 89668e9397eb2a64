// A bell between threads: whoever waits reads the count first, looks at the state, and sleeps only
// while the count stands. Thread safety: any thread. No wake-up is lost, because ringing changes
// the count.
#pragma once

#include <atomic>
#include <cstdint>

namespace headrace::loader {

class Signal {
 public:
  uint32_t seen() const { return count_.load(std::memory_order_acquire); }
  void wait(uint32_t seen) const { count_.wait(seen, std::memory_order_acquire); }
  void ring() {
    count_.fetch_add(1, std::memory_order_release);
    count_.notify_all();
  }

 private:
  alignas(64) std::atomic<uint32_t> count_{0};
};

}  // namespace headrace::loader

// Time as an argument, so that tests use a clock of their own and never sleep.
// Thread safety: SteadyClock is stateless; FakeClock is atomic.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <thread>

namespace headrace {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual uint64_t now_ns() const = 0;
  virtual void sleep_until_ns(uint64_t when_ns) = 0;
};

class SteadyClock final : public Clock {
 public:
  uint64_t now_ns() const override {
    return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  }
  void sleep_until_ns(uint64_t when_ns) override {
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point(
        std::chrono::nanoseconds(static_cast<int64_t>(when_ns))));
  }
};

// Stands still until told: sleeping moves it forward at once.
class FakeClock final : public Clock {
 public:
  uint64_t now_ns() const override { return now_ns_.load(); }
  void sleep_until_ns(uint64_t when_ns) override {
    if (when_ns > now_ns()) now_ns_ = when_ns;
  }
  void advance_ns(uint64_t duration_ns) { now_ns_ += duration_ns; }

 private:
  std::atomic<uint64_t> now_ns_{1};
};

// "2026-01-02T03:04:05Z", for reports.
std::string utc_text(std::time_t when);

// The clock of the machine, for the timing of hot paths where a virtual call would be the larger
// part.
inline uint64_t steady_now_ns() { return SteadyClock().now_ns(); }

}  // namespace headrace

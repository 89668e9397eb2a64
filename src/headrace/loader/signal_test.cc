// No ring is missed, and a wait ends at its deadline.
#include "headrace/loader/signal.h"

#include <gtest/gtest.h>

#include <thread>

namespace headrace::loader {
namespace {

TEST(Signal, does_not_wait_when_it_rang_after_the_look) {
  Signal signal;
  const uint32_t seen = signal.seen();
  signal.ring();
  signal.wait(seen);
  EXPECT_EQ(signal.seen(), seen + 1);
}

TEST(Signal, ends_a_wait_at_its_deadline) {
  Signal signal;
  const uint64_t deadline_ns = steady_now_ns() + 2'000'000;
  while (steady_now_ns() < deadline_ns) signal.wait(signal.seen(), deadline_ns);
  EXPECT_GE(steady_now_ns(), deadline_ns);
}

TEST(Signal, loses_no_ring_between_two_threads) {
  Signal ping, pong;
  std::atomic<int> turn{0};
  constexpr int k_turns = 20'000;
  std::jthread other([&] {
    for (int i = 1; i < k_turns; i += 2) {
      while (true) {
        const uint32_t seen = ping.seen();
        if (turn.load() == i) break;
        ping.wait(seen);
      }
      turn = i + 1;
      pong.ring();
    }
  });
  for (int i = 0; i < k_turns; i += 2) {
    while (true) {
      const uint32_t seen = pong.seen();
      if (turn.load() == i) break;
      pong.wait(seen);
    }
    turn = i + 1;
    ping.ring();
  }
  other.join();
  EXPECT_EQ(turn.load(), k_turns);
}

}  // namespace
}  // namespace headrace::loader

// Each entry reaches exactly one worker; closing wakes them all.
#include "headrace/loader/work_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace headrace::loader {
namespace {

TEST(WorkQueue, hands_each_entry_to_exactly_one_worker) {
  constexpr uint32_t k_entries = 100'000, k_workers = 4;
  WorkQueue queue(64);
  std::vector<std::atomic<int>> seen(k_entries);
  std::atomic<uint32_t> claimed{0};
  {
    std::vector<std::jthread> workers;
    for (uint32_t worker = 0; worker < k_workers; ++worker) {
      workers.emplace_back([&] {
        while (const auto entry = queue.pop()) {
          ++seen[*entry];
          ++claimed;
        }
      });
    }
    for (uint32_t entry = 0; entry < k_entries;) {
      if (queue.size() < 64) {
        const std::array<uint32_t, 2> pair = {entry, entry + 1};  // singly and in twos
        const size_t count = entry % 3 == 0 && entry + 1 < k_entries && queue.size() < 63 ? 2 : 1;
        queue.push(std::span(pair).first(count));
        entry += static_cast<uint32_t>(count);
      } else {
        std::this_thread::yield();
      }
    }
    while (claimed < k_entries) std::this_thread::yield();
    queue.close();
  }
  for (const auto& count : seen) ASSERT_EQ(count, 1);
}

TEST(WorkQueue, closing_wakes_a_waiting_worker) {
  WorkQueue queue(4);
  std::jthread worker([&] { EXPECT_FALSE(queue.pop()); });
  queue.close();
}

}  // namespace
}  // namespace headrace::loader

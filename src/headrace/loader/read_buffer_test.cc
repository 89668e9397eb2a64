// Blocks come in a circle, never overlap while in use, and come free in order.
#include "headrace/loader/read_buffer.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace headrace::loader {
namespace {

TEST(ReadBuffer, gives_nothing_when_full_and_again_after_the_oldest_came_back) {
  ReadBuffer buffer({.size_bytes = 4 * 4096, .block_count_max = 8});
  std::vector<Block> blocks;
  for (int i = 0; i < 4; ++i) blocks.push_back(*buffer.take(4096));
  EXPECT_FALSE(buffer.take(1));
  buffer.hand_back(blocks[1].index);
  EXPECT_EQ(buffer.reclaim(), 0u);  // the oldest is still in use
  buffer.hand_back(blocks[0].index);
  EXPECT_EQ(buffer.reclaim(), 2u);
  EXPECT_TRUE(buffer.take(8192));
}

TEST(ReadBuffer, refuses_a_block_larger_than_itself) {
  ReadBuffer buffer({.size_bytes = 4 * 4096, .block_count_max = 8});
  EXPECT_FALSE(buffer.take(buffer.block_bytes_max() + 1));
  EXPECT_TRUE(buffer.take(buffer.block_bytes_max()));
}

TEST(ReadBuffer, bounds_the_number_of_blocks) {
  ReadBuffer buffer({.size_bytes = 64 * 4096, .block_count_max = 2});
  EXPECT_TRUE(buffer.take(1));
  EXPECT_TRUE(buffer.take(1));
  EXPECT_FALSE(buffer.take(1));
}

TEST(ReadBuffer, never_gives_bytes_that_are_in_use) {
  ReadBuffer buffer({.size_bytes = 32 * 4096, .block_count_max = 16});
  std::mt19937 random(7);
  std::map<const std::byte*, std::pair<const std::byte*, uint32_t>> used;  // begin -> end, index
  for (int step = 0; step < 20'000; ++step) {
    const auto block = buffer.take(1 + random() % (10 * 4096));
    if (block) {
      const std::byte* begin = block->bytes.data();
      const std::byte* end = begin + block->bytes.size();
      const auto after = used.lower_bound(begin);
      ASSERT_TRUE(after == used.end() || end <= after->first);
      ASSERT_TRUE(after == used.begin() || std::prev(after)->second.first <= begin);
      used[begin] = {end, block->index};
    }
    if (!block || random() % 3 == 0) {
      if (used.empty()) continue;
      const auto victim = std::next(used.begin(), static_cast<long>(random() % used.size()));
      buffer.hand_back(victim->second.second);
      used.erase(victim);
      buffer.reclaim();
    }
  }
}

}  // namespace
}  // namespace headrace::loader

// Slots are disjoint, aligned, bounded and reused.
#include "headrace/loader/slots.h"

#include <gtest/gtest.h>

namespace headrace::loader {
namespace {

TEST(Slots, gives_each_slot_once_and_then_none) {
  Slots slots({.slot_count = 3, .slot_bytes = 1000, .batch_size = 4});
  EXPECT_EQ(slots.take(), 0u);
  EXPECT_EQ(slots.take(), 1u);
  EXPECT_EQ(slots.take(), 2u);
  EXPECT_FALSE(slots.take());
  slots.give_back(1);
  EXPECT_EQ(slots.take(), 1u);
}

TEST(Slots, what_came_back_last_is_taken_first_because_caches_still_hold_it) {
  Slots slots({.slot_count = 3, .slot_bytes = 1000, .batch_size = 4});
  while (slots.take()) continue;
  for (const uint32_t index : {0U, 2U, 1U}) slots.give_back(index);
  EXPECT_EQ(slots.take(), 1u);
  EXPECT_EQ(slots.take(), 2u);
  EXPECT_EQ(slots.take(), 0u);
}

TEST(Slots, are_page_aligned_and_disjoint) {
  Slots slots({.slot_count = 2, .slot_bytes = 5000, .batch_size = 4});
  const std::byte* first = slots.at(0).bytes.data();
  const std::byte* second = slots.at(1).bytes.data();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % 4096, 0u);
  EXPECT_GE(second - first, 5000);
  EXPECT_EQ(slots.at(0).bytes.size(), 5000u);
}

}  // namespace
}  // namespace headrace::loader

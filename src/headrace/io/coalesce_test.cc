// Coalescing: what joins, what does not, and that nothing is lost whatever the extents are.
#include "headrace/io/coalesce.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace headrace::io {
namespace {

constexpr CoalesceLimits k_limits{.gap_bytes = 100, .most_bytes = 1000};

Run run_of(const std::vector<Extent>& extents) { return first_run(extents, k_limits); }

TEST(Coalesce, joins_neighbors_that_touch) {
  const io::Run found = run_of({{0, 10, 50}, {0, 60, 40}, {0, 100, 1}});
  EXPECT_EQ(found.offset_bytes, 10u);
  EXPECT_EQ(found.length_bytes, 91u);
  EXPECT_EQ(found.count, 3u);
}

TEST(Coalesce, bridges_a_gap_up_to_the_limit_and_no_further) {
  EXPECT_EQ(run_of({{0, 0, 10}, {0, 110, 10}}).count, 2u);
  EXPECT_EQ(run_of({{0, 0, 10}, {0, 111, 10}}).count, 1u);
}

TEST(Coalesce, stops_before_a_run_would_be_too_long) {
  EXPECT_EQ(run_of({{0, 0, 500}, {0, 500, 500}}).count, 2u);
  EXPECT_EQ(run_of({{0, 0, 500}, {0, 500, 501}}).count, 1u);
}

TEST(Coalesce, leaves_one_long_extent_whole) {
  const io::Run found = run_of({{0, 7, 5000}, {0, 5007, 10}});
  EXPECT_EQ(found.count, 1u);
  EXPECT_EQ(found.length_bytes, 5000u);
}

TEST(Coalesce, serves_the_same_bytes_twice_with_one_read) {
  const io::Run found = run_of({{0, 10, 50}, {0, 10, 50}, {0, 20, 10}});
  EXPECT_EQ(found.count, 3u);
  EXPECT_EQ(found.length_bytes, 50u);
}

TEST(Coalesce, never_joins_backwards_or_across_files) {
  EXPECT_EQ(run_of({{0, 100, 50}, {0, 50, 50}}).count, 1u);
  EXPECT_EQ(run_of({{0, 0, 50}, {1, 50, 50}}).count, 1u);
}

TEST(Coalesce, of_nothing_is_nothing) { EXPECT_EQ(run_of({}).count, 0u); }

TEST(Coalesce, leaves_extents_whose_end_does_not_exist_alone) {
  const uint64_t last = ~uint64_t{0};
  EXPECT_EQ(run_of({{0, last - 5, 10}, {0, last - 4, 1}}).count, 1u);
  EXPECT_EQ(run_of({{0, last - 50, 10}, {0, last - 40, 100}}).count, 1u);
}

TEST(Coalesce, serves_every_extent_once_and_whole_in_random_lists) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 500; ++round) {
    std::vector<Extent> extents(random() % 50);
    for (Extent& extent : extents) {
      extent = {static_cast<uint32_t>(random() % 2), random() % 3000, random() % 300};
    }
    std::span<const Extent> rest(extents);
    while (!rest.empty()) {
      const io::Run found = first_run(rest, k_limits);
      ASSERT_GE(found.count, 1u);
      ASSERT_LE(found.count, rest.size());
      for (const Extent& extent : rest.first(found.count)) {
        ASSERT_EQ(extent.file_index, found.file_index);
        ASSERT_GE(extent.offset_bytes, found.offset_bytes);
        ASSERT_LE(extent.offset_bytes + extent.length_bytes,
                  found.offset_bytes + found.length_bytes);
      }
      ASSERT_TRUE(found.count == 1 || found.length_bytes <= k_limits.most_bytes);
      rest = rest.subspan(found.count);
    }
  }
}

}  // namespace
}  // namespace headrace::io

// Ranks' batches, taken in turn, are the global order; the last batch is as promised.
#include "headrace/order/batches.h"

#include <gtest/gtest.h>

#include <set>

#include "headrace/base/hash.h"

namespace headrace::order {
namespace {

struct Case {
  uint64_t sample_count, batch_size, world_size, start;
};
Case random_case(uint64_t seed) {
  const uint64_t count = 1 + mix64(seed, 1) % 300;
  return {count, 1 + mix64(seed, 2) % 20, 1 + mix64(seed, 3) % 16, mix64(seed, 4) % (count + 1)};
}
std::vector<BatchPlan> plans(const Case& c, LastBatch last) {
  std::vector<BatchPlan> result;
  for (uint64_t rank = 0; rank < c.world_size; ++rank) {
    result.emplace_back(BatchOptions{.sample_count = c.sample_count,
                                     .batch_size = c.batch_size,
                                     .world_size = c.world_size,
                                     .rank = rank,
                                     .last = last,
                                     .start_position = c.start});
  }
  return result;
}
// Row by row over the ranks, as the samples are dealt out.
std::vector<uint64_t> dealt(const std::vector<BatchPlan>& ranks, uint64_t batch_size) {
  std::vector<uint64_t> positions;
  for (uint64_t batch = 0; batch < ranks[0].batch_count(); ++batch) {
    for (uint64_t row = 0; row < batch_size; ++row) {
      for (const BatchPlan& plan : ranks) {
        if (batch < plan.batch_count() && row < plan.row_count(batch)) {
          positions.push_back(plan.position(batch, row));
        }
      }
    }
  }
  return positions;
}

TEST(BatchPlan, deals_out_the_global_order_whatever_the_ranks) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const Case c = random_case(seed);
    const uint64_t rest = c.sample_count - c.start, global = c.batch_size * c.world_size;
    for (const LastBatch last : {LastBatch::short_, LastBatch::drop, LastBatch::pad}) {
      const std::vector<uint64_t> positions = dealt(plans(c, last), c.batch_size);
      const uint64_t full = rest / global * global;
      const uint64_t padded = (rest + global - 1) / global * global;
      ASSERT_EQ(positions.size(), last == LastBatch::short_ ? rest
                                  : last == LastBatch::drop ? full
                                                            : padded);
      for (uint64_t i = 0; i < positions.size(); ++i) {
        ASSERT_EQ(positions[i], (c.start + i) % c.sample_count);
      }
    }
  }
}

TEST(BatchPlan, has_ranks_of_nearly_equal_size_and_no_empty_batch) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const Case c = random_case(seed);
    const std::vector<BatchPlan> ranks = plans(c, LastBatch::short_);
    for (const BatchPlan& plan : ranks) {
      ASSERT_LE(ranks[0].batch_count() - plan.batch_count(), 1);
      for (uint64_t batch = 0; batch < plan.batch_count(); ++batch) {
        ASSERT_GE(plan.row_count(batch), 1);
        ASSERT_LE(ranks[0].row_count(batch) - plan.row_count(batch), 1);
      }
    }
  }
}

TEST(BatchPlan, goes_on_behind_each_batch_and_ends_with_the_epoch) {
  for (const LastBatch last : {LastBatch::short_, LastBatch::drop, LastBatch::pad}) {
    const BatchPlan plan(
        {.sample_count = 103, .batch_size = 5, .world_size = 2, .last = last, .start_position = 3});
    EXPECT_EQ(plan.batch_count(), 10);
    EXPECT_EQ(plan.position_after(0), 13);
    EXPECT_EQ(plan.position_after(9), 103);
  }
  const BatchPlan drop({.sample_count = 103, .batch_size = 5, .last = LastBatch::drop});
  EXPECT_EQ(drop.position_after(drop.batch_count() - 1), 103);
}

TEST(BatchPlan, in_runs_each_rank_has_neighbors_and_all_have_what_they_would_have_together) {
  for (const LastBatch last : {LastBatch::short_, LastBatch::drop, LastBatch::pad}) {
    std::multiset<uint64_t> in_runs, dealt;
    for (uint64_t rank = 0; rank < 4; ++rank) {
      BatchOptions options{.sample_count = 103,
                           .batch_size = 8,
                           .world_size = 4,
                           .rank = rank,
                           .last = last,
                           .start_position = 5};
      const BatchPlan one(options);
      options.in_runs = true;
      const BatchPlan two(options);
      ASSERT_EQ(one.batch_count(), two.batch_count());
      for (uint64_t batch = 0; batch < two.batch_count(); ++batch) {
        ASSERT_EQ(one.row_count(batch), two.row_count(batch));
        ASSERT_EQ(one.position_after(batch), two.position_after(batch));
        std::vector<uint64_t> rows(two.row_count(batch));
        two.positions(batch, rows);
        const bool full = batch < 3;
        for (uint64_t row = 0; row < rows.size(); ++row) {
          ASSERT_EQ(rows[row], two.position(batch, row));
          if (full) {
            ASSERT_EQ(rows[row], 5 + batch * 32 + rank * 8 + row);
          }
          in_runs.insert(rows[row]);
          dealt.insert(one.position(batch, row));
        }
      }
    }
    EXPECT_EQ(in_runs, dealt);
  }
}

TEST(BatchPlan, of_a_rank_outside_the_world_is_a_bug) {
  EXPECT_DEATH(BatchPlan({.sample_count = 9, .world_size = 2, .rank = 2}), "2 of 2");
}

TEST(BatchPlan, all_rows_at_once_have_the_same_positions) {
  for (const LastBatch last : {LastBatch::short_, LastBatch::drop, LastBatch::pad}) {
    for (uint64_t rank = 0; rank < 3; ++rank) {
      const BatchPlan plan({.sample_count = 100,
                            .batch_size = 8,
                            .world_size = 3,
                            .rank = rank,
                            .last = last,
                            .start_position = 11});
      for (uint64_t batch = 0; batch < plan.batch_count(); ++batch) {
        std::vector<uint64_t> rows(plan.row_count(batch));
        plan.positions(batch, rows);
        for (uint64_t row = 0; row < rows.size(); ++row) {
          ASSERT_EQ(rows[row], plan.position(batch, row));
        }
      }
    }
  }
}

}  // namespace
}  // namespace headrace::order

// Capacities of shared pools, of storage held back and not, and where queues point.
#include "headrace/observe/supply.h"

#include <gtest/gtest.h>

#include <limits>

#include "headrace/observe/verdict_cases.h"

namespace headrace::observe {
namespace {

TEST(Supply, counts_stages_of_one_pool_as_one_and_leaves_the_consumer_out) {
  const auto supplies = supplies_of(healthy_evidence());
  ASSERT_EQ(supplies.size(), 2u);
  EXPECT_TRUE(supplies[0].is_storage);
  EXPECT_EQ(supplies[1].stage, "decode");
  EXPECT_EQ(supplies[1].shares, "decode 75 %, resize 25 %");
  EXPECT_DOUBLE_EQ(supplies[1].sample_s, 160.0 / 256'000);
  EXPECT_DOUBLE_EQ(supplies[1].capacity_per_s, 6400);
  EXPECT_DOUBLE_EQ(supplies[1].busy_share, 0.4);
}

TEST(Supply, credits_storage_that_is_held_back_with_a_full_queue_at_the_latency_of_now) {
  const auto supplies = supplies_of(healthy_evidence());
  EXPECT_NEAR(supplies[0].capacity_per_s, 64 / 0.0023, 1);
}

TEST(Supply, takes_what_storage_delivers_as_its_capacity_when_nothing_holds_it_back) {
  const auto supplies = supplies_of(short_of_storage_evidence());
  EXPECT_DOUBLE_EQ(supplies[0].capacity_per_s, 2560);
  EXPECT_EQ(queue_suspect_of(supplies), &supplies[0]);
  EXPECT_EQ(tightest_of(supplies), &supplies[0]);
}

TEST(Supply, knows_storage_held_back_by_workers_that_nobody_relieves) {
  Evidence evidence = short_of_storage_evidence();
  for (StageRecord& stage : evidence.stages) {
    if (stage.pool == "workers") stage.output_fill = 1;  // the consumer is late
  }
  evidence.reads.latency_mean_s = 1e-4;
  const auto supplies = supplies_of(evidence);
  EXPECT_NE(tightest_of(supplies), &supplies[0]);
}

TEST(Supply, points_at_the_workers_when_their_input_is_full_and_their_output_empty) {
  const auto supplies = supplies_of(short_of_decode_evidence());
  EXPECT_EQ(queue_suspect_of(supplies), &supplies[1]);
}

TEST(Supply, is_never_short_of_storage_that_nothing_reads_from) {
  Evidence evidence = short_of_storage_evidence();
  evidence.reads = {};  // all is in memory
  const auto supplies = supplies_of(evidence);
  EXPECT_TRUE(supplies[0].is_storage);
  EXPECT_EQ(tightest_of(supplies), &supplies[1]);
  EXPECT_EQ(queue_suspect_of(supplies), nullptr);
}

TEST(Supply, points_nowhere_when_every_queue_is_full) {
  EXPECT_EQ(queue_suspect_of(supplies_of(healthy_evidence())), nullptr);
}

TEST(Supply, gives_each_stage_the_capacity_it_would_have_alone) {
  const Evidence evidence = healthy_evidence();
  EXPECT_NEAR(evidence.stages[1].capacity_per_s, 4 * 256'000 / 120.0, 1e-6);
  std::vector<StageRecord> idle = {{.name = "copy", .pool = "copy", .threads = 1}};
  set_capacities(idle);
  EXPECT_EQ(idle[0].capacity_per_s, 0);
}

TEST(Supply, carries_by_the_cores_what_all_of_them_busy_would_carry) {
  EXPECT_DOUBLE_EQ(core_capacity_per_s(healthy_evidence()), 8 * 256'000 / 200.0);
  EXPECT_EQ(core_capacity_per_s(Evidence{}), 0);
}

TEST(Ratio, is_zero_for_what_cannot_be_divided) {
  EXPECT_EQ(ratio(1, 0), 0);
  EXPECT_EQ(ratio(-1, 2), 0);
  EXPECT_EQ(ratio(1, std::numeric_limits<double>::quiet_NaN()), 0);
  EXPECT_EQ(ratio(1e308, 1e-308), 0);
  EXPECT_DOUBLE_EQ(ratio(3, 2), 1.5);
}

}  // namespace
}  // namespace headrace::observe

// What happened between two moments adds up.
#include "headrace/loader/snapshot.h"

#include <gtest/gtest.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

TEST(Snapshot, evidence_counts_what_the_consumer_took) {
  const StampedDataset dataset(320, 320);
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, small(2));
  (void)loader.next();
  const Snapshot before = Snapshot::take(loader);
  for (int i = 0; i < 10; ++i) (void)loader.next();
  const Snapshot after = Snapshot::take(loader);
  const observe::Evidence evidence =
      evidence_between(before, after, {.workers = 2, .batch_size = 16}, loader);
  EXPECT_EQ(evidence.steps, 10u);
  EXPECT_EQ(evidence.samples, 160u);
  EXPECT_GT(evidence.window_s, 0);
  EXPECT_LE(evidence.wait_s, evidence.window_s);
  EXPECT_EQ(evidence.reads.depth, 8u);
  for (const observe::StageRecord& stage : evidence.stages) {
    EXPECT_LE(stage.busy_s, evidence.window_s * stage.threads * 1.5) << stage.name;
    EXPECT_LE(stage.output_fill, 1) << stage.name;
  }
}

TEST(Snapshot, of_an_empty_window_divides_by_nothing) {
  const StampedDataset dataset(32, 32);
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, small(1));
  const Snapshot now = Snapshot::take(loader);
  const observe::Evidence evidence = evidence_between(now, now, {.workers = 1}, loader);
  EXPECT_EQ(evidence.samples, 0u);
  EXPECT_EQ(evidence.reads.latency_mean_s, 0);
}

}  // namespace
}  // namespace headrace::loader

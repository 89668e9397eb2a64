// The end of a run, and what it says.
#include "headrace/loader/core.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

TEST(Core, keeps_the_first_failure_and_wakes_the_consumer) {
  const StampedDataset dataset(50, 50);
  const pipeline::Plan plan = stamp_plan(16);
  Core core(plan, dataset, small(1));
  core.fail(Error({.action = "first"}));
  core.fail(Error({.action = "second"}));
  try {
    core.wait_for(0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "first");
  }
}

TEST(Core, gives_nothing_after_the_last_batch_or_once_stopping) {
  const StampedDataset dataset(50, 50);
  const pipeline::Plan plan = stamp_plan(16);
  Core core(plan, dataset, small(1));
  core.sequence_count = 3;
  EXPECT_EQ(core.wait_for(3).error(), NoBatch::end);
  core.stopping = true;
  EXPECT_EQ(core.wait_for(0).error(), NoBatch::end);
}

TEST(Core, gives_no_batch_by_the_deadline) {
  const StampedDataset dataset(50, 50);
  const pipeline::Plan plan = stamp_plan(16);
  Core core(plan, dataset, small(1));
  EXPECT_EQ(core.wait_for(0, steady_now_ns() + 1000).error(), NoBatch::not_yet);
}

TEST(Core, is_deleted_by_its_last_owner) {
  const StampedDataset dataset(50, 50);
  const pipeline::Plan plan = stamp_plan(16);
  auto* core = new Core(plan, dataset, small(1));
  core->share();
  core->let_go();
  EXPECT_EQ(core->slots.count(), 4u);  // the address sanitizer tells if it is gone
  core->let_go();
}

TEST(Core, gives_up_when_too_many_samples_are_bad) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 5;
  const Outcome outcome = run_to_the_end(dataset, options, [](uint64_t id) { return id % 3 == 0; });
  EXPECT_THAT(outcome.error, HasSubstr("more than 5 samples are bad"));
  EXPECT_EQ(outcome.skipped.size(), 5u);
}

}  // namespace
}  // namespace headrace::loader

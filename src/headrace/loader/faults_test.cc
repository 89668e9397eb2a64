// Every failure below the loader reaches the consumer with its cause, or is skipped, counted and
// listed.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "headrace/base/error.h"
#include "headrace/io/slow_ring.h"
#include "headrace/loader/fixture.h"
#include "headrace/loader/loader.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

SteadyClock g_clock;

MakeRing faulty(io::Faults faults) {
  return [faults](const io::RingOptions& options) {
    return std::make_unique<io::FaultRing>(io::make_ring(options), faults, g_clock);
  };
}

// Runs to the end or the first Error, whose text it returns.
struct Outcome {
  std::vector<uint64_t> ids = {};
  std::string error = {};
  std::vector<Skipped> skipped = {};
};
Outcome run(const StampedDataset& dataset, const Options& options, StampOp::Fails fails = {}) {
  const pipeline::Plan plan = stamp_plan(options.batch_size, std::move(fails));
  Loader loader(plan, dataset, options);
  Outcome outcome;
  try {
    while (const auto batch = loader.next()) {
      outcome.ids.insert(outcome.ids.end(), batch->ids().begin(), batch->ids().end());
    }
  } catch (const Error& error) {
    outcome.error = error.what();
  }
  outcome.skipped = loader.skipped();
  return outcome;
}

TEST(LoaderFaults, an_io_error_names_file_offset_and_cause) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.make_ring = faulty({.fail_nth = 100});
  const Outcome outcome = run(dataset, options);
  EXPECT_THAT(outcome.error, HasSubstr("cannot make sample "));
  EXPECT_THAT(outcome.error, HasSubstr("at byte "));
  EXPECT_THAT(outcome.error, HasSubstr("Input/output error"));
  EXPECT_EQ(outcome.ids.size() % 16, 0u);
  EXPECT_LE(outcome.ids.size(), 96u);
}

TEST(LoaderFaults, a_short_read_is_said_to_be_one) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.make_ring = faulty({.short_nth = 5, .short_bytes = 7});
  EXPECT_THAT(run(dataset, options).error, HasSubstr("the file ends before the sample does"));
}

TEST(LoaderFaults, skips_bad_samples_and_lists_them) {
  const StampedDataset dataset(400, 100);
  Options options = small(3);
  options.on_error = pipeline::OnError::skip;
  const Outcome outcome = run(dataset, options, [](uint64_t id) { return id % 40 == 3; });
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids.size(), 390u);
  ASSERT_EQ(outcome.skipped.size(), 10u);
  for (const Skipped& skipped : outcome.skipped) {
    EXPECT_EQ(skipped.sample_id % 40, 3u);
    EXPECT_STREQ(skipped.what, "told to fail");
    EXPECT_EQ(std::ranges::count(outcome.ids, skipped.sample_id), 0);
  }
}

TEST(LoaderFaults, skipping_leaves_the_other_rows_whole) {
  const StampedDataset dataset(160, 160);
  Options options = small(2);
  options.on_error = pipeline::OnError::skip;
  const pipeline::Plan plan = stamp_plan(16, [](uint64_t id) { return id % 5 == 0; });
  Loader loader(plan, dataset, options);
  while (const auto batch = loader.next()) {
    const Tensor stamps = batch->tensor(0);
    for (uint32_t row = 0; row < batch->row_count(); ++row) {
      EXPECT_EQ(load_le<uint64_t>(stamps.bytes.data() + row * 16), batch->ids()[row]);
    }
  }
}

TEST(LoaderFaults, gives_up_when_too_many_samples_are_bad) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 5;
  const Outcome outcome = run(dataset, options, [](uint64_t id) { return id % 3 == 0; });
  EXPECT_THAT(outcome.error, HasSubstr("more than 5 samples are bad"));
  EXPECT_EQ(outcome.skipped.size(), 5u);
}

TEST(LoaderFaults, a_changed_byte_is_found_by_its_checksum) {
  const StampedDataset dataset(50, 50);
  const int fd = ::open(dataset.file(0).path.c_str(), O_WRONLY);
  ASSERT_EQ(::pwrite(fd, "?", 1, 20'000), 1);
  ::close(fd);
  EXPECT_THAT(run(dataset, small(1)).error, HasSubstr("the bytes differ from their checksum"));
  Options unchecked = small(1);
  unchecked.verify_checksums = false;
  EXPECT_EQ(run(dataset, unchecked).error, "");
}

TEST(LoaderFaults, a_file_that_shrinks_or_vanishes_is_an_error_not_a_crash) {
  const StampedDataset dataset(400, 100);
  ASSERT_EQ(::truncate(dataset.file(2).path.c_str(), 5000), 0);
  EXPECT_THAT(run(dataset, small(2)).error, HasSubstr("the file ends before the sample does"));
  ASSERT_EQ(::unlink(dataset.file(1).path.c_str()), 0);
  Options options = small(2);
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 1000;
  const Outcome outcome = run(dataset, options);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids.size() + outcome.skipped.size(), 400u);
  EXPECT_GE(outcome.skipped.size(), 190u);
}

TEST(LoaderFaults, a_ring_that_cannot_be_made_is_the_consumers_error) {
  const StampedDataset dataset(50, 50);
  Options options = small(1);
  options.engine = "warp";
  EXPECT_THAT(run(dataset, options).error, HasSubstr("warp"));
}

TEST(LoaderFaults, a_sample_larger_than_the_read_buffer_says_which_knob) {
  const StampedDataset dataset(50, 50);
  Options options = small(1);
  options.read_buffer_bytes = 4096;
  EXPECT_THAT(run(dataset, options).error, HasSubstr("loader.read_ahead"));
}

TEST(LoaderFaults, closing_does_not_wait_for_a_slow_store) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.make_ring = faulty({.delay_ns = 20'000'000});
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, options);
  EXPECT_TRUE(loader.next());
  loader.close();
  EXPECT_FALSE(loader.next());
}

TEST(LoaderFaults, a_batch_that_is_smaller_than_world_and_drop_says_so) {
  const StampedDataset dataset(10, 10);
  Options options = small(1);
  options.last_batch = order::LastBatch::drop;
  EXPECT_THAT(run(dataset, options).error, HasSubstr("cannot make a single batch"));
}

}  // namespace
}  // namespace headrace::loader

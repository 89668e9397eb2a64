// Every failure of reading reaches the consumer with its cause.
#include "headrace/loader/feeder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

TEST(Feeder, an_io_error_names_file_offset_and_cause) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.make_ring = faulty({.fail_nth = 100});
  const Outcome outcome = run_to_the_end(dataset, options);
  EXPECT_THAT(outcome.error, HasSubstr("cannot make sample "));
  EXPECT_THAT(outcome.error, HasSubstr("at byte "));
  EXPECT_THAT(outcome.error, HasSubstr("Input/output error"));
  EXPECT_EQ(outcome.ids.size() % 16, 0u);
  EXPECT_LE(outcome.ids.size(), 96u);
}

TEST(Feeder, a_short_read_is_said_to_be_one) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.make_ring = faulty({.short_nth = 5, .short_bytes = 7});
  EXPECT_THAT(run_to_the_end(dataset, options).error,
              HasSubstr("the file ends before the sample does"));
}

TEST(Feeder, a_file_that_shrinks_or_vanishes_is_an_error_not_a_crash) {
  const StampedDataset dataset(400, 100);
  ASSERT_EQ(::truncate(dataset.file(2).path.c_str(), 5000), 0);
  EXPECT_THAT(run_to_the_end(dataset, small(2)).error,
              HasSubstr("the file ends before the sample does"));
  ASSERT_EQ(::unlink(dataset.file(1).path.c_str()), 0);
  Options options = small(2);
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 1000;
  const Outcome outcome = run_to_the_end(dataset, options);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids.size() + outcome.skipped.size(), 400u);
  EXPECT_GE(outcome.skipped.size(), 190u);
}

TEST(Feeder, a_ring_that_cannot_be_made_is_the_consumers_error) {
  const StampedDataset dataset(50, 50);
  Options options = small(1);
  options.engine = "warp";
  EXPECT_THAT(run_to_the_end(dataset, options).error, HasSubstr("warp"));
}

TEST(Feeder, a_sample_larger_than_the_read_buffer_says_which_knob) {
  const StampedDataset dataset(50, 50);
  Options options = small(1);
  options.read_buffer_bytes = 4096;
  EXPECT_THAT(run_to_the_end(dataset, options).error, HasSubstr("loader.read_ahead"));
}

TEST(Feeder, a_disk_has_at_most_its_depth_in_flight_whatever_the_other_does) {
  const StampedDataset dataset(400, 50);
  Options options = small(2);
  options.disk_count = 2;
  options.depth = 3;
  options.caching = io::Caching::page;
  options.disk_of = [](const io::File& file) { return uint64_t{1} + file.path().back() % 2; };
  uint32_t ring_depth = 0;
  options.make_ring = [&](const io::RingOptions& ring) {
    ring_depth = ring.depth;
    return io::make_ring(ring);
  };
  const Outcome outcome = run_to_the_end(dataset, options);
  EXPECT_EQ(ring_depth, 6U);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids.size(), 400U);
  EXPECT_EQ(outcome.ids, run_to_the_end(dataset, small(1)).ids);
}

// Completes nothing; at its end it looks whether the files are still open.
class NeverDone final : public io::Ring {
 public:
  NeverDone(std::atomic<size_t>& read_count, std::atomic<size_t>& closed_count)
      : read_count_(read_count), closed_count_(closed_count) {}
  ~NeverDone() override {
    for (const int fd : fds_) closed_count_ += ::fcntl(fd, F_GETFD) == -1;
  }
  size_t submit(std::span<const io::Read> reads) override {
    for (const io::Read& read : reads) fds_.push_back(read.file->fd());
    read_count_ = fds_.size();
    read_count_.notify_all();
    return reads.size();
  }
  size_t submit(std::span<const io::Write>) override { return 0; }
  size_t submit(std::span<const io::Sync>) override { return 0; }
  size_t wait(std::span<io::Done>, size_t, uint64_t) override { return 0; }
  void cancel(uint64_t) override {}
  size_t in_flight() const override { return fds_.size(); }
  io::RingInfo info() const override { return {.engine = "never", .depth = 8}; }

 private:
  std::vector<int> fds_;
  std::atomic<size_t>& read_count_;
  std::atomic<size_t>& closed_count_;
};

TEST(Feeder, files_stay_open_until_the_reads_under_way_have_ended) {
  const StampedDataset dataset(400, 100);
  std::atomic<size_t> read_count = 0, closed_count = 0;
  Options options = small(2);
  options.make_ring = [&](const io::RingOptions&) {
    return std::make_unique<NeverDone>(read_count, closed_count);
  };
  const pipeline::Plan plan = stamp_plan(16);
  {
    Loader loader(plan, dataset, options);
    read_count.wait(0);
  }
  EXPECT_GT(read_count, 0U);
  EXPECT_EQ(closed_count, 0U);
}

TEST(Feeder, closing_does_not_wait_for_a_slow_store) {
  const StampedDataset dataset(400, 100);
  Options options = small(2);
  options.make_ring = faulty({.delay_ns = 20'000'000});
  const pipeline::Plan plan = stamp_plan(16);
  Loader loader(plan, dataset, options);
  EXPECT_TRUE(loader.next());
  loader.close();
  EXPECT_FALSE(loader.next());
}

}  // namespace
}  // namespace headrace::loader

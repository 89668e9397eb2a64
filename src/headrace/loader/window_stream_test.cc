// A window shuffle that streams gives what reading row by row gives, with far fewer reads, and
// never waits for room that nobody can give.
#include "headrace/loader/window_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "headrace/loader/fixture.h"

namespace headrace::loader {
namespace {

using testing::HasSubstr;

struct Seen {
  std::vector<uint64_t> ids;
  std::vector<std::byte> bytes;
  uint64_t read_count = 0;
};

Seen run(const StampedDataset& dataset, const Options& options) {
  const pipeline::Plan plan = stamp_plan(options.batch_size);
  Loader loader(plan, dataset, options);
  Seen seen;
  while (const auto batch = loader.next()) {
    seen.ids.insert(seen.ids.end(), batch->ids().begin(), batch->ids().end());
    for (size_t index = 0; index < batch->tensor_count(); ++index) {
      const auto bytes = batch->tensor(index).bytes;
      seen.bytes.insert(seen.bytes.end(), bytes.begin(), bytes.end());
    }
  }
  seen.read_count = loader.stats().feeder.read_count;
  return seen;
}

Options windowed(uint32_t workers, uint64_t window_samples) {
  Options options = small(workers);
  options.shuffle = order::Shuffle::window;
  options.window_samples = window_samples;
  return options;
}

// The same without reads: bytes from memory.
Seen expected_of(const StampedDataset& dataset, Options options) {
  options.in_memory = true;
  return run(dataset, options);
}

void expect_same(const Seen& seen, const Seen& expected, const std::string& which) {
  EXPECT_EQ(seen.ids, expected.ids) << which;
  EXPECT_TRUE(seen.bytes == expected.bytes) << which;
}

TEST(WindowStream, reads_each_window_in_a_few_large_reads) {
  const StampedDataset dataset(2000, 500);  // 2.5 KB a sample
  Options options = windowed(2, 100);
  const Seen streamed = run(dataset, options);
  expect_same(streamed, expected_of(dataset, options), "streamed");
  EXPECT_LT(streamed.read_count, 60u);   // 21 windows, 4 files
  options.read_buffer_bytes = 64 << 10;  // no window fits
  const Seen single = run(dataset, options);
  expect_same(single, expected_of(dataset, options), "row by row");
  EXPECT_GT(single.read_count, 1000u);
}

TEST(WindowStream, gives_the_same_for_any_workers_engine_and_caching) {
  const StampedDataset dataset(900, 130);
  Options options = windowed(1, 150);
  options.epoch_count = 2;
  const Seen expected = expected_of(dataset, options);
  for (const char* engine : {"auto", "threads", "psync"}) {
    for (const uint32_t workers : {1u, 2u, 8u}) {
      for (const io::Caching caching : {io::Caching::page, io::Caching::direct}) {
        options.engine = engine;
        options.workers = workers;
        options.caching = caching;
        expect_same(run(dataset, options), expected, fmt::format("{} {}", engine, workers));
      }
    }
  }
}

TEST(WindowStream, agrees_with_memory_in_200_cases_of_sizes_ranks_and_places) {
  const StampedDataset dataset(600, 70);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    auto draw = [seed, use = uint64_t{0}](uint64_t least, uint64_t most) mutable {
      return least + mix64(seed, ++use) % (most - least + 1);
    };
    Options options = windowed(static_cast<uint32_t>(draw(1, 3)), draw(1, 250));
    options.seed = seed;
    options.batch_size = static_cast<uint32_t>(draw(1, 90));
    options.prefetch_batches = static_cast<uint32_t>(draw(1, 4));
    options.depth = static_cast<uint32_t>(draw(1, 12));
    options.read_buffer_bytes = draw(5, 200) * 4096;
    options.read_count_max = static_cast<uint32_t>(draw(16, 4096));
    options.epoch_count = draw(1, 2);
    options.world_size = draw(1, 4);
    options.rank = options.world_size - 1;
    options.first_position = draw(0, 1) * draw(0, 500);
    options.last_batch = static_cast<order::LastBatch>(draw(0, 2));
    const std::string which =
        fmt::format("seed {}: batch {}, window {}, world {}, buffer {}", seed, options.batch_size,
                    options.window_samples, options.world_size, options.read_buffer_bytes);
    expect_same(run(dataset, options), expected_of(dataset, options), which);
    if (testing::Test::HasFailure()) return;
  }
}

TEST(WindowStream, a_read_that_fails_fails_its_samples_alone) {
  const StampedDataset dataset(600, 600);
  Options options = windowed(2, 100);
  options.make_ring = faulty({.fail_nth = 2});
  EXPECT_THAT(run_to_the_end(dataset, options).error, HasSubstr("Input/output error"));
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 600;
  const Outcome outcome = run_to_the_end(dataset, options);
  EXPECT_EQ(outcome.error, "");
  EXPECT_GE(outcome.skipped.size(), 1u);
  EXPECT_LE(outcome.skipped.size(), 100u);
  EXPECT_EQ(outcome.ids.size() + outcome.skipped.size(), 600u);
}

TEST(WindowStream, a_file_that_vanished_or_shrank_is_an_error_not_a_hang) {
  const StampedDataset dataset(400, 100);
  ASSERT_EQ(::truncate(dataset.file(2).path.c_str(), 5000), 0);
  ASSERT_EQ(::unlink(dataset.file(1).path.c_str()), 0);
  Options options = windowed(2, 80);
  options.on_error = pipeline::OnError::skip;
  options.skip_count_max = 400;
  const Outcome outcome = run_to_the_end(dataset, options);
  EXPECT_EQ(outcome.error, "");
  EXPECT_EQ(outcome.ids.size() + outcome.skipped.size(), 400u);
  EXPECT_GE(outcome.skipped.size(), 190u);
}

TEST(WindowStream, ends_in_mid_window_without_leaving_a_thread) {
  const StampedDataset dataset(2000, 500);
  const pipeline::Plan plan = stamp_plan(16);
  for (int batches = 0; batches < 6; ++batches) {
    Options options = windowed(3, 300);
    options.epoch_count = 0;
    Loader loader(plan, dataset, options);
    for (int i = 0; i < batches; ++i) EXPECT_TRUE(loader.next());
    loader.close();
    EXPECT_FALSE(loader.next());
  }
}

}  // namespace
}  // namespace headrace::loader

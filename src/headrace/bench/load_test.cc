// A run moves each block of each lane once a pass, ends on time or when told, and names what
// failed.
#include "headrace/bench/load.h"

#include <gmock/gmock.h>

#include <mutex>
#include <set>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/bench/target.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;

class Load : public ::testing::TestWithParam<const char*> {
 public:
  static constexpr uint64_t k_block_bytes = 4096;
  static constexpr uint64_t k_file_bytes = 37 * k_block_bytes + 100;

  std::unique_ptr<io::File> file(io::Access access = io::Access::read) {
    return io::File::open(real_files(), scratch_.path(), io::Caching::direct, access);
  }
  LoadOptions options() const {
    return {.engine = GetParam(), .block_bytes = k_block_bytes, .depth = 8};
  }

 protected:
  TempFolder folder_;
  Target scratch_ = Target::open({.path = folder_.path(), .size_bytes = k_file_bytes});
};

TEST_P(Load, moves_each_block_of_each_lane_once_a_pass_in_both_patterns) {
  const auto source = file();
  const auto lanes = lanes_of(*source, 3, k_block_bytes);
  for (const Pattern pattern : {Pattern::sequential, Pattern::random}) {
    std::mutex mutex;
    std::multiset<uint64_t> seen;
    LoadOptions run = options();
    run.pattern = pattern;
    run.passes = 2;
    run.check = [&](uint64_t offset_bytes, std::span<const std::byte> block) {
      const std::lock_guard lock(mutex);
      seen.insert(offset_bytes);
      return wrong_in_pattern(offset_bytes, block);
    };
    const LoadResult result = run_load(lanes, run);
    EXPECT_EQ(result.operations, 2u * 36);  // 12 whole blocks in each third
    EXPECT_EQ(result.bytes, 2u * 36 * k_block_bytes);
    EXPECT_EQ(result.latency->count(), 2u * 36);
    EXPECT_GT(result.wall_s, 0);
    for (uint64_t block = 0; block < 36; ++block) EXPECT_EQ(seen.count(block * k_block_bytes), 2u);
  }
}

TEST_P(Load, blocks_off_every_grid_come_as_they_are) {
  const auto source = file();
  LoadOptions run = options();
  run.block_bytes = 5000;
  run.passes = 1;
  run.check = wrong_in_pattern;
  const Lane lane{.file = source.get(), .start_bytes = 777, .size_bytes = 100'000};
  const LoadResult result = run_load({&lane, 1}, run);
  EXPECT_EQ(result.operations, 20u);
  EXPECT_EQ(result.lanes[0].bytes, 100'000u);
  EXPECT_EQ(result.lanes[0].latency_sum_ns, result.latency->sum_ns());
}

TEST_P(Load, ends_when_its_time_is_over_and_counts_what_was_in_flight) {
  const auto source = file();
  LoadOptions run = options();
  run.duration_ns = 20'000'000;
  const LoadResult result = run_load(lanes_of(*source, 1, k_block_bytes), run);
  EXPECT_GE(result.wall_s, 0.02);
  EXPECT_GT(result.operations, 0u);
  EXPECT_EQ(result.operations, result.latency->count());
}

TEST_P(Load, a_stop_ends_a_run_without_an_end_in_sight) {
  std::stop_source stop;
  LoadOptions run = options();
  run.passes = uint64_t{1} << 40;
  run.stop = stop.get_token();
  run.check = [&](uint64_t, std::span<const std::byte>) {
    stop.request_stop();
    return std::optional<uint64_t>();
  };
  const auto source = file();
  EXPECT_LE(run_load(lanes_of(*source, 1, k_block_bytes), run).operations, 8u);
}

TEST_P(Load, what_it_writes_is_on_disk_for_a_plain_read) {
  {
    const auto target = file(io::Access::write);
    LoadOptions run = options();
    run.direction = Direction::write;
    run.passes = 1;
    run.fill = [](uint64_t offset_bytes, std::span<std::byte> block) {
      fill_pattern(offset_bytes + 8, block);  // unlike what was there
    };
    run_load(lanes_of(*target, 1, k_block_bytes), run);
  }
  const auto source = file();
  std::vector<std::byte> got(k_block_bytes), expected(k_block_bytes);
  for (uint64_t offset = 0; offset + k_block_bytes <= k_file_bytes; offset += k_block_bytes) {
    fill_pattern(offset + 8, expected);
    ASSERT_EQ(real_files().read_at(source->fd_buffered(), got, offset), k_block_bytes);
    ASSERT_EQ(got, expected) << "at " << offset;
  }
}

TEST_P(Load, a_wrong_byte_ends_the_run_with_file_and_offset) {
  const auto source = file();
  LoadOptions run = options();
  run.passes = 1;
  run.check = [](uint64_t offset_bytes, std::span<const std::byte>) {
    return offset_bytes == 3 * k_block_bytes ? std::optional(offset_bytes + 5) : std::nullopt;
  };
  try {
    run_load(lanes_of(*source, 1, k_block_bytes), run);
    FAIL() << "a wrong byte went by";
  } catch (const Error& error) {
    EXPECT_EQ(error.parts().object, source->path());
    EXPECT_EQ(error.parts().offset_bytes, 3 * k_block_bytes + 5);
  }
}

TEST_P(Load, a_file_that_shrank_ends_the_run_with_its_offset) {
  const auto source = file();
  ASSERT_EQ(::truncate(scratch_.path().c_str(), k_block_bytes), 0);
  LoadOptions run = options();
  run.passes = 1;
  try {
    run_load(lanes_of(*source, 2, k_block_bytes), run);
    FAIL() << "a short read was taken for a whole one";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("shorter than it was"));
    EXPECT_TRUE(error.parts().offset_bytes.has_value());
  }
}

TEST_P(Load, a_file_too_small_for_its_threads_is_refused) {
  const auto source = file();
  EXPECT_THROW(lanes_of(*source, 38, k_block_bytes), Error);
  EXPECT_EQ(lanes_of(*source, 37, k_block_bytes).size(), 37u);
}

INSTANTIATE_TEST_SUITE_P(engines, Load, ::testing::Values("uring", "threads", "psync"));

}  // namespace
}  // namespace headrace::bench

// Engines by their names, and blocks that come to a device's memory (the stand-in's).
#include "headrace/bench/lane_memory.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/bench/load.h"
#include "headrace/bench/target.h"
#include "headrace/shim/stand_in.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t k_lane_block_bytes = 4096;

TEST(EngineName, is_of_jobs_of_a_device_or_uring_with_one_flag) {
  EXPECT_TRUE(parse_engine("psync").of_jobs);
  EXPECT_FALSE(parse_engine("uring+sqpoll").of_jobs);
  EXPECT_EQ(parse_engine("uring+sqpoll").engine, "uring");
  EXPECT_EQ(parse_engine("uring+iopoll").flag, "iopoll");
  EXPECT_TRUE(parse_engine("cufile-batch").to_device);
  for (const char* name : {"", "+", "uring+", "uring+warp", "threads+sqpoll", "bounce+iopoll"}) {
    EXPECT_THROW(parse_engine(name), Error) << name;
  }
}

class ToDevice : public ::testing::TestWithParam<const char*> {
 protected:
  TempFolder folder_;
  Target scratch_ = Target::open({.path = folder_.path(), .size_bytes = 64 * k_lane_block_bytes});
  std::unique_ptr<io::File> file_ =
      io::File::open(real_files(), scratch_.path(), io::Caching::direct);
  shim::StandInFaults& faults_ = shim::faults_of_stand_in("cuda");
  LoadOptions load_ = {.engine = GetParam(),
                       .device = DeviceTarget{.device = {.library = shim::stand_in_path("cuda")},
                                              .cufile = shim::stand_in_path("cufile")},
                       .block_bytes = k_lane_block_bytes,
                       .depth = 8,
                       .passes = 1};
};

TEST_P(ToDevice, brings_each_block_as_it_is_and_leaves_nothing_there) {
  load_.check = wrong_in_pattern;
  const LoadResult result = run_load(lanes_of(*file_, 2, k_lane_block_bytes), load_);
  EXPECT_EQ(result.operations, 64U);
  EXPECT_EQ(result.ring.engine, GetParam());
  EXPECT_EQ(faults_.buffers, 0);
  EXPECT_EQ(faults_.handles, 0);
}

TEST_P(ToDevice, says_what_the_driver_says_where_there_is_no_memory) {
  faults_.memory_error = 2;
  try {
    (void)run_load(lanes_of(*file_, 1, k_lane_block_bytes), load_);
    FAIL() << "ran without memory";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("CUDA_ERROR_OUT_OF_MEMORY"));
  }
  faults_.reset();
  EXPECT_EQ(faults_.handles, 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, ToDevice,
                         ::testing::Values("bounce", "cufile", "cufile-batch", "cufile-stream"),
                         [](const auto& tested) {
                           std::string name = tested.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(LaneMemory, a_flag_is_granted_or_the_ring_says_why_not) {
  TempFolder folder;
  const Target scratch = Target::open({.path = folder.path(), .size_bytes = 16 * 4096});
  for (const char* engine : {"uring+sqpoll", "uring+iopoll"}) {
    const auto file = io::File::open(real_files(), scratch.path(), io::Caching::direct);
    const LoadResult result =
        run_load(lanes_of(*file, 1, k_lane_block_bytes), {.engine = engine,
                                                          .block_bytes = k_lane_block_bytes,
                                                          .depth = 4,
                                                          .passes = 1,
                                                          .check = wrong_in_pattern});
    EXPECT_EQ(result.operations, 16U) << engine;
    EXPECT_TRUE(result.ring.sqpoll || result.ring.iopoll || !result.ring.why_not_better.empty());
  }
}

}  // namespace
}  // namespace headrace::bench

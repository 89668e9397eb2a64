// A sweep tries each setting once; the knee is where a doubling stops paying; the job takes the
// best.
#include "headrace/bench/sweep.h"

#include <gmock/gmock.h>

#include "headrace/pipeline/job.h"

namespace headrace::bench {
namespace {

Finding finding(uint32_t depth, double rate, double cpu = 1, const char* engine = "uring") {
  return {.setting = {.block_bytes = 128 << 10, .engine = engine, .depth = depth},
          .row = {.value = rate},
          .cpu_s_per_gb = cpu};
}

TEST(Sweep, tries_each_setting_once_with_ascending_depths) {
  const auto settings = settings_of({.block_bytes = {1 << 20, 4096, 4096},
                                     .direct = {true},
                                     .engines = {"uring"},
                                     .depths = {8, 1, 8, 4}});
  ASSERT_EQ(settings.size(), 6u);
  EXPECT_EQ(settings[0].block_bytes, 4096u);
  EXPECT_EQ(settings[0].depth, 1u);
  EXPECT_EQ(settings[2].depth, 8u);
  EXPECT_EQ(settings[3].block_bytes, uint64_t{1} << 20);
}

TEST(Sweep, tries_psync_at_the_least_depth_only) {
  const auto settings = settings_of({.block_bytes = {4096}, .engines = {"psync"}});
  ASSERT_EQ(settings.size(), 2u);  // direct and buffered
  EXPECT_EQ(settings[0].depth, 1u);
}

TEST(Sweep, the_knee_is_the_last_depth_whose_doubling_brought_three_percent) {
  const std::vector<Finding> findings = {finding(1, 100), finding(2, 190), finding(4, 196),
                                         finding(8, 201), finding(16, 900)};
  const auto knees = knees_of(findings);
  ASSERT_EQ(knees.size(), 1u);
  EXPECT_EQ(knees[0].finding, 2u);  // 196 is 3.2 % above 190; 201 is 2.6 % above 196
  EXPECT_TRUE(knees[0].reached);
}

TEST(Sweep, a_curve_that_rises_to_its_end_has_no_knee_yet) {
  const std::vector<Finding> findings = {finding(1, 100), finding(2, 200), finding(4, 400)};
  const auto knees = knees_of(findings);
  ASSERT_EQ(knees.size(), 1u);
  EXPECT_EQ(knees[0].finding, 2u);
  EXPECT_FALSE(knees[0].reached);
}

TEST(Sweep, one_or_two_depths_show_no_knee) {
  const std::vector<Finding> findings = {
      finding(1, 100),           finding(2, 200),           finding(1, 50, 1, "threads"),
      finding(1, 5, 1, "psync"), finding(2, 9, 1, "psync"), finding(4, 9, 1, "psync")};
  const auto knees = knees_of(findings);
  ASSERT_EQ(knees.size(), 1u);
  EXPECT_EQ(knees[0].finding, 4u);
  EXPECT_TRUE(knees[0].reached);
}

TEST(Sweep, the_best_is_the_cheapest_of_the_fastest) {
  std::vector<Finding> findings = {finding(8, 90, 0.1), finding(16, 99, 0.3), finding(32, 100, 0.4),
                                   finding(64, 98, 0.5)};
  EXPECT_EQ(best_for(findings, Pattern::random, 128 << 10), 1u);
  findings[1].setting.threads = 2;  // the loader reads with one
  EXPECT_EQ(best_for(findings, Pattern::random, 128 << 10), 2u);
  EXPECT_EQ(best_for(findings, Pattern::random, 4096), std::nullopt);
}

TEST(Sweep, a_job_takes_the_lines_as_they_are) {
  Setting setting{.block_bytes = 4096, .direct = true, .engine = "uring", .depth = 32};
  pipeline::Job job = pipeline::parse_job(job_lines(setting), "the sweep", {});
  EXPECT_EQ(job.dataset.cache, pipeline::Cache::direct);
  EXPECT_EQ(job.loader.engine, pipeline::Engine::uring);
  EXPECT_EQ(job.loader.depth, 32u);
  setting.direct = false;
  EXPECT_EQ(pipeline::parse_job(job_lines(setting), "the sweep", {}).dataset.cache,
            pipeline::Cache::page);
}

}  // namespace
}  // namespace headrace::bench

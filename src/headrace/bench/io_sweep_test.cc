// A real sweep on a real file: every setting has its figures, blocks are verified, a stop keeps
// whole rounds.
#include "headrace/bench/io_sweep.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"

namespace headrace::bench {
namespace {

class IoBench : public ::testing::Test {
 protected:
  Target scratch(bool writable) const {
    return Target::open({.path = folder_.path(), .size_bytes = 2 << 20, .writable = writable});
  }
  static IoBenchOptions options() {
    return {.sweep = {.patterns = {Pattern::sequential, Pattern::random},
                      .block_bytes = {4096, 65536},
                      .depths = {1, 4}},
            .rounds = 2,
            .round_s = 0.002,
            .verify = true};
  }
  TempFolder folder_;
};

TEST_F(IoBench, measures_every_setting_and_verifies_what_came) {
  const Target target = scratch(false);
  uint64_t runs = 0;
  IoBenchOptions wanted = options();
  wanted.on_run = [&] { ++runs; };
  const IoReport report = run_io_bench(target, wanted);
  ASSERT_EQ(report.findings.size(), settings_of(wanted.sweep).size());
  EXPECT_EQ(runs, run_count(wanted));
  for (const Finding& finding : report.findings) {
    EXPECT_GT(finding.row.value, 0) << finding.row.name;
    EXPECT_GT(finding.latency.count, 0u) << finding.row.name;
    EXPECT_LE(finding.row.ratio, 1) << finding.row.name;
  }
  ASSERT_TRUE(report.best);
  EXPECT_EQ(report.findings[*report.best].setting.block_bytes, 65536u);  // nearest to 128 KiB
  EXPECT_EQ(report.findings[*report.best].setting.pattern, Pattern::random);
  // 8 MiB of each setting: the whole file.
  EXPECT_EQ(report.verified_count, report.findings.size() / 2 * (512 + 32));
}

TEST_F(IoBench, writes_are_read_back_as_written) {
  const Target target = scratch(true);
  IoBenchOptions wanted = options();
  wanted.sweep.directions = {Direction::write};
  const IoReport report = run_io_bench(target, wanted);
  EXPECT_EQ(report.verified_count, report.findings.size() / 2 * (512 + 32));
  EXPECT_FALSE(report.best);  // a loader does not write
}

TEST_F(IoBench, a_stop_keeps_what_was_whole) {
  const Target target = scratch(false);
  std::stop_source stop;
  uint64_t runs = 0;
  IoBenchOptions wanted = options();
  wanted.rounds = 5;
  wanted.stop = stop.get_token();
  const uint64_t one_round = settings_of(wanted.sweep).size();
  wanted.on_run = [&] {
    if (++runs == one_round + 3) stop.request_stop();
  };
  const IoReport report = run_io_bench(target, wanted);
  EXPECT_TRUE(report.interrupted);
  ASSERT_EQ(report.findings.size(), one_round);
  EXPECT_EQ(report.findings[0].row.rounds, 1u);
}

TEST_F(IoBench, buffers_that_would_push_out_all_else_are_refused_with_the_figures) {
  const Target target = Target::open({.path = folder_.path(), .size_bytes = 1 << 20});
  IoBenchOptions wanted = options();
  wanted.sweep.block_bytes = {1 << 20};
  wanted.sweep.depths = {uint32_t{1} << 20};
  EXPECT_THROW(run_io_bench(target, wanted), Error);
}

}  // namespace
}  // namespace headrace::bench

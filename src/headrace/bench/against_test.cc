// Both sides are measured in one run, and the best of each is compared with the best of the other.
#include "headrace/bench/against.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/bench/child.h"

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;

AgainstPair pair(uint32_t depth, double ours, double fio) {
  const Setting setting{.block_bytes = 4096, .engine = "uring", .depth = depth};
  return {.setting = setting,
          .ours = {.value = ours, .rounds = 3, .cpu_us_an_item = 1e-4, .ratio = ours / fio},
          .fio = {.value = fio, .rounds = 3, .cpu_us_an_item = 2e-4}};
}

TEST(Against, compares_the_best_of_each_whatever_its_depth) {
  const auto bests = bests_of({pair(8, 90, 100), pair(32, 120, 110), pair(128, 80, 115)});
  ASSERT_EQ(bests.size(), 1u);
  EXPECT_EQ(bests[0].ours, 1u);
  EXPECT_EQ(bests[0].fio, 2u);
  EXPECT_DOUBLE_EQ(bests[0].ratio, 120.0 / 115);
  EXPECT_DOUBLE_EQ(bests[0].cpu_ratio, 0.5);
}

TEST(Against, text_and_json_say_the_ratio) {
  AgainstReport report{.target = "data", .fio = "fio-3.33", .pairs = {pair(8, 2e9, 1e9)}};
  report.bests = bests_of(report.pairs);
  EXPECT_THAT(against_text(report), HasSubstr("2.00 GB/s at depth 8, fio 1.00 GB/s at depth 8: 2"));
  EXPECT_EQ(against_document(report)["best"][0]["ratio"], 2.0);
}

TEST(Against, measures_both_on_a_real_file) {
  if (!run_child({"fio", "--version"})) GTEST_SKIP() << "apt-get install fio to run this";
  const TempFolder folder;
  const Target target = Target::open({.path = folder.path(), .size_bytes = 4 << 20});
  uint64_t runs = 0;
  const AgainstReport report = run_against_fio(
      target,
      {.sweep = {.block_bytes = {65536}, .direct = {true}, .engines = {"uring"}, .depths = {4}},
       .rounds = 2,
       .round_s = 0.02,
       .on_run = [&] { ++runs; }});
  EXPECT_EQ(runs, 4u);
  ASSERT_EQ(report.pairs.size(), 1u);
  EXPECT_GT(report.pairs[0].ours.value, 0);
  EXPECT_GT(report.pairs[0].fio.value, 0);
  EXPECT_EQ(report.pairs[0].ours.ratio_of, report.pairs[0].fio.name);
}

TEST(Against, what_fio_does_otherwise_is_refused) {
  if (!run_child({"fio", "--version"})) GTEST_SKIP() << "apt-get install fio to run this";
  const TempFolder folder;
  const Target target = Target::open({.path = folder.path(), .size_bytes = 4 << 20});
  EXPECT_THROW(run_against_fio(target, {}), Error);  // the default sweep has threads
}

}  // namespace
}  // namespace headrace::bench

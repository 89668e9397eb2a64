// fio is asked for the same work, and its figures are taken as it prints them.
#include "headrace/bench/fio.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/bench/child.h"
#include "headrace/bench/target.h"

namespace headrace::bench {
namespace {

using ::testing::Contains;
using ::testing::Not;

const Setting k_setting{.block_bytes = 4096, .engine = "uring", .threads = 2, .depth = 32};

TEST(Fio, is_asked_for_the_same_work) {
  const auto words = fio_words({.setting = k_setting, .path = "/a:b", .run_s = 0.25});
  for (const char* word : {"--filename=/a\\:b", "--rw=randread", "--bs=4096", "--iodepth=32",
                           "--numjobs=2", "--direct=1", "--fixedbufs", "--runtime=250ms",
                           "--iodepth_batch_complete_min=8", "--readonly"}) {
    EXPECT_THAT(words, Contains(word));
  }
  Setting plain = k_setting;
  plain.engine = "psync";
  EXPECT_THAT(fio_words({.setting = plain}), Not(Contains("--fixedbufs")));
}

TEST(Fio, takes_huge_pages_only_where_there_are_enough_for_both) {
  // 2 threads of 32 blocks of 4 KiB: a page and a bit each, on both sides.
  EXPECT_FALSE(huge_pages_for(k_setting, "MemFree: 99 kB\nHugePages_Free:        4\n"));
  EXPECT_TRUE(huge_pages_for(k_setting, "MemFree: 99 kB\nHugePages_Free:        5\n"));
  EXPECT_FALSE(huge_pages_for(k_setting, "MemFree: 99 kB\n"));
  EXPECT_THAT(fio_words({.setting = k_setting, .huge_pages = true}), Contains("--mem=mmaphuge"));
  EXPECT_THAT(fio_words({.setting = k_setting}), Not(Contains("--mem=mmaphuge")));
}

TEST(Fio, figures_are_read_behind_its_warnings) {
  const Sample sample = fio_sample(
      "note: something\n{\"jobs\":[{\"read\":{\"io_bytes\":1048576,\"runtime\":500},"
      "\"usr_cpu\":10.0,\"sys_cpu\":30.0}]}",
      2);
  EXPECT_DOUBLE_EQ(sample.items, 1048576);
  EXPECT_DOUBLE_EQ(sample.wall_s, 0.5);
  EXPECT_DOUBLE_EQ(sample.cpu_s, 0.4);
}

TEST(Fio, other_output_is_an_error_that_shows_it) {
  for (const char* text : {"", "nonsense", "{}", "{\"jobs\":[]}", "{\"jobs\":[{\"read\":7}]}",
                           "{\"jobs\":[{\"read\":{\"io_bytes\":0,\"runtime\":0},\"usr_cpu\":0,"
                           "\"sys_cpu\":0}]}"}) {
    EXPECT_THROW(fio_sample(text, 1), Error) << text;
  }
}

TEST(Fio, really_reads_a_scratch_file_without_a_name) {
  if (!run_child({"fio", "--version"})) GTEST_SKIP() << "apt-get install fio to run this";
  const TempFolder folder;
  const Target target = Target::open({.path = folder.path(), .size_bytes = 4 << 20});
  const Sample sample = run_fio({.setting = k_setting, .path = target.path(), .run_s = 0.05});
  EXPECT_GT(sample.items, 0);
  EXPECT_GT(sample.cpu_s, 0);
}

}  // namespace
}  // namespace headrace::bench

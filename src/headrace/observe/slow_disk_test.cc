// Two disks: alike, one slow, one with most of the data; and figures that are none.
#include "headrace/observe/slow_disk.h"

#include <gmock/gmock.h>

#include <limits>

#include "headrace/observe/verdict_cases.h"

namespace headrace::observe {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// 100 s in which /dev/sdb gives 20 MB/s, always asked, and /dev/sda is done long before it.
Evidence two_disks() {
  Evidence evidence = short_of_storage_evidence();
  evidence.reads.in_flight_mean = 17;  // too few for a full queue: batches in the making are few
  evidence.reads.disks = {{.name = "/dev/sda",
                           .reads = 15'000,
                           .bytes = 2'000'000'000,
                           .latency_mean_s = 0.0004,
                           .in_flight_mean = 0.06,
                           .busy_s = 5},
                          {.name = "/dev/sdb (/slow)",
                           .reads = 15'000,
                           .bytes = 2'000'000'000,
                           .latency_mean_s = 0.11,
                           .in_flight_mean = 16.5,
                           .busy_s = 98}};
  return evidence;
}

TEST(SlowDisk, is_named_while_what_others_brought_waits_for_it) {
  Evidence evidence = two_disks();
  for (StageRecord& stage : evidence.stages) {
    if (stage.pool == "io") stage.output_fill = 0.4;
  }
  EXPECT_EQ(judge(evidence).kind, VerdictKind::short_of);
  EXPECT_EQ(judge(evidence).stage, "storage");
  evidence.reads.disks.clear();
  EXPECT_EQ(judge(evidence).kind, VerdictKind::unsure) << "so a queue that is not empty counts";
}

TEST(SlowDisk, is_named_in_the_verdict_with_its_rate_latency_and_share) {
  const Verdict verdict = judge(two_disks());
  EXPECT_EQ(verdict.stage, "storage");
  EXPECT_THAT(verdict.sentence,
              HasSubstr("The slow disk is /dev/sdb (/slow): 19.1 MiB/s, 110 ms a read, 50 % of the "
                        "bytes, busy 98 % of the time."));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("disk /dev/sda: 19.1 MiB/s, 400 us a read")));
}

TEST(SlowDisk, is_never_answered_with_reading_further_ahead) {
  const Verdict verdict = judge(two_disks());
  EXPECT_THAT(verdict.advice, Not(Contains(HasSubstr("prefetch_batches"))));
  // sda gives 400 MB/s while it is asked, sdb 20.4: 4.9 % of the bytes would keep both busy.
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("until it holds 4.9 % of the bytes instead of")));
}

TEST(SlowDisk, is_none_of_disks_that_keep_pace_nor_a_single_one) {
  Evidence evidence = two_disks();
  evidence.reads.disks[0].latency_mean_s = 0.08;
  EXPECT_EQ(slow_disk_of(evidence), nullptr);
  EXPECT_THAT(judge(evidence).advice, Contains(HasSubstr("prefetch_batches")));
  evidence.reads.disks.erase(evidence.reads.disks.begin());
  EXPECT_EQ(slow_disk_of(evidence), nullptr);
  EXPECT_THAT(judge(evidence).evidence, Not(Contains(HasSubstr("disk /dev"))));
}

TEST(SlowDisk, is_none_while_it_is_idle_half_of_the_time) {
  Evidence evidence = two_disks();
  evidence.reads.disks[1].busy_s = 50;
  EXPECT_EQ(slow_disk_of(evidence), nullptr);
}

TEST(SlowDisk, is_none_where_nothing_was_measured) {
  Evidence evidence = two_disks();
  evidence.reads.disks = {{.name = "a"}, {.name = "b"}};
  EXPECT_EQ(slow_disk_of(evidence), nullptr);
  evidence.reads.disks[0].latency_mean_s = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(judge(evidence).sentence, Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace headrace::observe

// Verdicts of examinations made by hand.
#include "headrace/doctor/verdict.h"

#include <gtest/gtest.h>

namespace headrace::doctor {
namespace {

Examination examination(double reached_bytes_per_s) {
  Examination made;
  made.situation.path = {.data = "/data/set", .steps = {"xfs on /data", "nvme0n1 (NVMe)"}};
  made.situation.probe = Probe{.seconds = 1,
                               .read_count = 10,
                               .read_bytes = static_cast<uint64_t>(reached_bytes_per_s),
                               .block_bytes = 1 << 20,
                               .depth = 32,
                               .direct = true,
                               .ring = {.engine = "uring"}};
  made.expectation = {.bytes_per_s = 3.94e9, .reason = "half of what nvme0n1's link is built for"};
  made.standing = standing_of(made.situation.probe, made.expectation);
  return made;
}

TEST(Verdict, names_the_rate_the_expectation_and_the_likeliest_cause) {
  Examination made = examination(0.6e9);
  made.findings = {
      {.id = "probe", .level = Level::fail},
      {.id = "pcie.link", .level = Level::fail, .value = "nvme0n1 x2", .fix = "seat it"}};
  const Verdict verdict = verdict_of(made);
  EXPECT_EQ(verdict.level, Level::fail);
  EXPECT_EQ(verdict.sentence,
            "reads reach 0.60 GB/s, below the expected 3.94 GB/s (half of what nvme0n1's link is "
            "built for); most likely pcie.link: nvme0n1 x2");
  EXPECT_EQ(verdict.path, "/data/set: xfs on /data -> nvme0n1 (NVMe)");
  EXPECT_TRUE(verdict.next.starts_with("seat it")) << verdict.next;
}

TEST(Verdict, admits_when_no_check_explains_a_low_rate) {
  Examination made = examination(0.6e9);
  made.findings = {{.id = "probe", .level = Level::fail}};
  EXPECT_TRUE(verdict_of(made).sentence.ends_with("no check explains it"));
  EXPECT_TRUE(verdict_of(made).next.starts_with("headrace bench io"));
}

TEST(Verdict, says_that_nothing_is_wrong_when_nothing_is) {
  const Verdict verdict = verdict_of(examination(5e9));
  EXPECT_EQ(verdict.level, Level::ok);
  EXPECT_TRUE(verdict.sentence.ends_with("nothing found that slows or endangers them"));
  EXPECT_EQ(verdict.next, "nothing");
}

TEST(Verdict, tells_what_it_could_not_judge) {
  Examination made = examination(5e9);
  made.situation.probe->direct = false;
  EXPECT_NE(verdict_of(made).sentence.find("out of the page cache"), std::string::npos);
  made = examination(5e9);
  made.expectation = {.reason = "nothing says what vda should carry"};
  made.standing = Standing::unknown;
  EXPECT_NE(verdict_of(made).sentence.find("no expectation: nothing says"), std::string::npos);
  EXPECT_NE(verdict_of(made).next.find("--expect"), std::string::npos);
  made.situation.probe->failure = "/data/a at byte 0: Input/output error";
  EXPECT_TRUE(verdict_of(made).sentence.starts_with("a read failed: /data/a at byte 0"));
  made.situation.probe.reset();
  EXPECT_TRUE(verdict_of(made).sentence.starts_with("nothing was read"));
}

}  // namespace
}  // namespace headrace::doctor

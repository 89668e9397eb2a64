// Headlines of each verdict, and byte counts that agree or are explained.
#include "headrace/report/summary.h"

#include <gmock/gmock.h>

#include "headrace/observe/verdict_cases.h"

namespace headrace::report {
namespace {

using ::testing::HasSubstr;

TEST(Summary, says_each_verdict_in_one_line) {
  EXPECT_EQ(one_line(judge(observe::healthy_evidence())),
            "fed: waits 0.2 %; head-room 150 %; tightest: decode");
  EXPECT_EQ(one_line(judge(observe::short_of_decode_evidence())),
            "short of decode: waits 40 %; supplies 2,592 samples/s of 4,267 wanted");
  EXPECT_EQ(one_line(observe::Verdict{}), "too brief to judge yet");
}

TEST(Summary, shows_head_room_only_when_fed) {
  observe::RunRecord record{.window = observe::healthy_evidence()};
  record.verdict = judge(record.window);
  EXPECT_EQ(key_figures(record).size(), 5u);
  record.verdict = judge(observe::short_of_decode_evidence());
  EXPECT_EQ(key_figures(record).size(), 4u);
}

TEST(Summary, explains_where_bytes_came_from_when_the_counts_differ) {
  const observe::TotalsRecord cached{
      .read_bytes = 1000, .process_rchar = 1000, .process_read_bytes = 100};
  EXPECT_THAT(read_agreement(cached, false), HasSubstr("page cache"));
  const observe::TotalsRecord equal{
      .read_bytes = 1000, .process_rchar = 1000, .process_read_bytes = 1010};
  EXPECT_THAT(read_agreement(equal, true), HasSubstr("(101 % of it)."));
  EXPECT_THAT(read_agreement({.read_bytes = 5}, true), HasSubstr("not available"));
}

TEST(Summary, takes_the_wall_time_apart) {
  EXPECT_EQ(
      time_parts({.wall_s = 10, .wait_s = 2, .open_s = 1, .compute_s = 6.5, .own_s = 0.5}),
      "10.0 s = opening 1.00 s + waiting 2.00 s + computing 6.50 s + giving batches back 500 ms");
}

TEST(Summary, lets_no_control_character_of_a_name_through) {
  observe::RunRecord record;
  record.machine.mount = "/a\x1b[2J";
  for (const Fact& fact : machine_facts(record)) {
    EXPECT_EQ(fact.value.find('\x1b'), std::string::npos);
  }
}

}  // namespace
}  // namespace headrace::report

// Each verdict from evidence of that character, and none from evidence that says nothing.
#include "headrace/observe/verdict.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "headrace/observe/verdict_cases.h"

namespace headrace::observe {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

std::string all_text(const Verdict& verdict) {
  std::string text = verdict.sentence;
  for (const auto& line : verdict.evidence) text += "\n" + line;
  for (const auto& line : verdict.advice) text += "\n" + line;
  return text;
}

TEST(Verdict, is_fed_with_head_room_when_the_consumer_hardly_waits) {
  const Verdict verdict = judge(healthy_evidence());
  EXPECT_EQ(verdict.kind, VerdictKind::fed);
  EXPECT_EQ(verdict.stage, "decode");
  EXPECT_NEAR(verdict.wait_share, 0.002, 1e-9);
  EXPECT_NEAR(verdict.demand_per_s, 256'000 / 99.8, 0.1);
  // 4 workers, 160 s busy for 256,000 samples: 6,400 a second.
  EXPECT_NEAR(verdict.supply_per_s, 6400, 1);
  EXPECT_NEAR(verdict.headroom, 6400 / (256'000 / 99.8) - 1, 1e-6);
  EXPECT_THAT(verdict.sentence, HasSubstr("fed"));
}

TEST(Verdict, limits_head_room_by_the_cores_when_they_are_the_tighter) {
  Evidence evidence = healthy_evidence();
  evidence.cpu_s = 600;  // 6 of 8 cores
  const Verdict verdict = judge(evidence);
  EXPECT_TRUE(verdict.cpu_bound);
  EXPECT_NEAR(verdict.supply_per_s, 8 * 2560 / 6.0, 1);
}

TEST(Verdict, is_fed_by_a_slow_consumer_whatever_the_stages_are) {
  Evidence evidence = short_of_decode_evidence();
  evidence.wait_s = 0.1;
  EXPECT_EQ(judge(evidence).kind, VerdictKind::fed);
}

TEST(Verdict, names_the_largest_stage_of_the_saturated_pool) {
  const Verdict verdict = judge(short_of_decode_evidence());
  EXPECT_EQ(verdict.kind, VerdictKind::short_of);
  EXPECT_EQ(verdict.stage, "decode");
  EXPECT_FALSE(verdict.cpu_bound);
  EXPECT_NEAR(verdict.supply_per_s, 4 * 256'000 / 395.0, 1);
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("workers = 7 (now 4)")));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("Decode is 76 % of the workers' time")));
}

TEST(Verdict, names_resize_when_it_takes_most_of_the_workers) {
  Evidence evidence = short_of_decode_evidence();
  std::swap(evidence.stages[1].busy_s, evidence.stages[2].busy_s);
  EXPECT_EQ(judge(evidence).stage, "resize");
}

TEST(Verdict, is_cpu_bound_and_offers_no_workers_when_all_cores_are_busy) {
  Evidence evidence = short_of_decode_evidence();
  evidence.cores = 4;
  evidence.cpu_s = 396;
  const Verdict verdict = judge(evidence);
  EXPECT_TRUE(verdict.cpu_bound);
  EXPECT_THAT(verdict.sentence, HasSubstr("CPU-bound: all 4 cores"));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("More workers will not help")));
  EXPECT_THAT(verdict.advice, Not(Contains(HasSubstr("Set workers"))));
}

TEST(Verdict, blames_the_device_when_the_read_queue_is_full) {
  const Verdict verdict = judge(short_of_storage_evidence());
  EXPECT_EQ(verdict.kind, VerdictKind::short_of);
  EXPECT_EQ(verdict.stage, "storage");
  EXPECT_NEAR(verdict.supply_per_s, 2560, 1);
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("Try depth = 128")));
}

TEST(Verdict, blames_the_submitting_when_few_reads_are_in_flight) {
  Evidence evidence = short_of_storage_evidence();
  evidence.reads.in_flight_mean = 5;
  evidence.reads.latency_mean_s = 0.00195;
  const Verdict verdict = judge(evidence);
  EXPECT_EQ(verdict.stage, "storage");
  // 4,267 samples/s x 1.95 ms = 8.3 in flight.
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("the demand needs 9")));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("prefetch_batches (now 4)")));
}

TEST(Verdict, advises_packing_a_folder_before_all_else) {
  Evidence evidence = short_of_storage_evidence();
  evidence.unpacked_folder = true;
  EXPECT_THAT(judge(evidence).advice.at(0), HasSubstr("headrace pack"));
}

TEST(Verdict, names_a_slow_link_with_its_rate_and_what_of_the_wait_is_its_own) {
  const Verdict verdict = judge(short_of_link_evidence());
  EXPECT_EQ(verdict.kind, VerdictKind::short_of);
  EXPECT_EQ(verdict.stage, "host-to-device link");
  EXPECT_NEAR(verdict.supply_per_s, 256'000 / 98.0, 1);
  EXPECT_FALSE(verdict.cpu_bound);
  EXPECT_THAT(verdict.sentence, HasSubstr("Short of the host-to-device link: it supplies 2,612"));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("63 % of the copies' time is behind")));
  EXPECT_THAT(
      verdict.evidence,
      Contains(HasSubstr("cuda:0 (NVIDIA H100): idle for data 40 % of the time: 36 % behind "
                         "copies, 4.0 % for batches")));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("A sample is 588 KiB as it is copied")));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("of the link")));
}

TEST(Verdict, names_what_the_device_spends_its_time_on_and_which_fields_it_makes) {
  const Verdict verdict = judge(short_of_device_decode_evidence());
  EXPECT_EQ(verdict.kind, VerdictKind::short_of) << verdict.sentence;
  EXPECT_EQ(verdict.stage, "device decode");
  EXPECT_NEAR(verdict.supply_per_s, 256'000 / 98.0, 1);
  EXPECT_FALSE(verdict.cpu_bound);
  EXPECT_THAT(verdict.evidence,
              Contains(HasSubstr("device decode 73 %, host-to-device link 16 %, device kernels "
                                 "10 %")));
  EXPECT_THAT(verdict.evidence, Contains(HasSubstr("36 % behind its own work on them")));
  EXPECT_THAT(verdict.evidence, Contains("field image: 100 % of its rows are made on cuda:0 "
                                         "(NVIDIA H100)."));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("decode = \"auto\"")));
}

TEST(Verdict, says_why_the_host_makes_what_a_device_might) {
  Evidence evidence = short_of_link_evidence();
  evidence.link.why_not = "field x: no nvCOMP";
  EXPECT_THAT(judge(evidence).evidence, Contains("made by the host: field x: no nvCOMP."));
}

TEST(Verdict, blames_the_loader_where_the_link_has_nothing_to_copy) {
  Evidence evidence = short_of_decode_evidence();
  const Evidence slow_link = short_of_link_evidence();
  evidence.link = slow_link.link;
  evidence.link.copy_s = 10;
  evidence.link.exposed_s = 2;
  evidence.stages.insert(evidence.stages.end() - 1, slow_link.stages[3]);
  evidence.stages[3].busy_s = 10;
  evidence.stages[3].input_fill = 0.03;
  set_capacities(evidence.stages);
  EXPECT_EQ(judge(evidence).stage, "decode");
  EXPECT_THAT(judge(evidence).evidence, Contains(HasSubstr("38 % for batches")));
}

TEST(Verdict, is_unsure_when_capacity_and_queues_name_different_stages) {
  Evidence evidence = short_of_decode_evidence();
  evidence.stages[0].output_fill = 0.05;  // nothing before the workers, so storage is what holds up
  evidence.stages[1].input_fill = evidence.stages[2].input_fill = 0.05;
  evidence.samples = 256'000;
  evidence.stages[0].items = 300'000;
  const Verdict verdict = judge(evidence);
  EXPECT_EQ(verdict.kind, VerdictKind::unsure);
  EXPECT_THAT(verdict.sentence, HasSubstr("decode"));
  EXPECT_THAT(verdict.sentence, HasSubstr("storage"));
}

TEST(Verdict, is_unsure_about_bursts_when_every_stage_carries_the_mean) {
  Evidence evidence = healthy_evidence();
  evidence.wait_s = 5;
  evidence.batch_latency_p999_s = 0.6;
  const Verdict verdict = judge(evidence);
  EXPECT_EQ(verdict.kind, VerdictKind::unsure);
  EXPECT_THAT(verdict.sentence, HasSubstr("bursts"));
  // ceil(10.53 batches/s x 0.6 s) + 2.
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("prefetch_batches = 9 (now 4)")));
}

TEST(Verdict, trusts_capacity_alone_when_no_queue_was_measured) {
  Evidence evidence = short_of_decode_evidence();
  for (auto& stage : evidence.stages) stage.input_fill = stage.output_fill = -1;
  EXPECT_EQ(judge(evidence).kind, VerdictKind::short_of);
  EXPECT_EQ(judge(evidence).stage, "decode");
}

TEST(Verdict, speaks_of_no_demand_when_the_consumer_does_no_work) {
  Evidence evidence = short_of_decode_evidence();
  evidence.wait_s = 99.9;
  const Verdict verdict = judge(evidence);
  EXPECT_EQ(verdict.kind, VerdictKind::short_of);
  EXPECT_EQ(verdict.demand_per_s, 0);
  EXPECT_THAT(verdict.sentence, HasSubstr("as fast as they come"));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("workers = ")));
}

TEST(Verdict, is_too_brief_below_twenty_steps_or_half_a_second) {
  Evidence evidence = healthy_evidence();
  evidence.steps = 19;
  EXPECT_EQ(judge(evidence).kind, VerdictKind::too_brief);
  evidence = healthy_evidence();
  evidence.window_s = 0.4;
  EXPECT_EQ(judge(evidence).kind, VerdictKind::too_brief);
  EXPECT_EQ(judge(Evidence{}).kind, VerdictKind::too_brief);
}

TEST(Verdict, of_a_brief_run_says_what_it_shows_so_far) {
  Evidence evidence = short_of_decode_evidence();
  evidence.steps = 19;
  const Verdict verdict = judge(evidence);
  EXPECT_THAT(verdict.sentence, HasSubstr("So far: Short of decode"));
  EXPECT_FALSE(verdict.evidence.empty());
  EXPECT_THAT(verdict.advice, testing::ElementsAre(HasSubstr("Run longer")));
  EXPECT_THAT(judge(Evidence{}).sentence, testing::Not(HasSubstr("So far")));
}

TEST(Verdict, leaves_out_a_quarter_of_a_short_run_and_thirty_steps_of_a_long_one) {
  EXPECT_EQ(warm_up_steps(0), 0u);
  EXPECT_EQ(warm_up_steps(40), 10u);
  EXPECT_EQ(warm_up_steps(119), 29u);
  EXPECT_EQ(warm_up_steps(1'000'000), 30u);
}

TEST(Verdict, prints_no_nan_and_no_infinity_whatever_is_missing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double value : {0.0, -1.0, 1e-300, 1e300, nan, infinity}) {
    for (Evidence evidence :
         {healthy_evidence(), short_of_decode_evidence(), short_of_storage_evidence()}) {
      for (double* field :
           {&evidence.wait_s, &evidence.cpu_s, &evidence.cores, &evidence.reads.latency_mean_s,
            &evidence.reads.in_flight_mean, &evidence.stages[0].busy_s, &evidence.stages[1].busy_s,
            &evidence.stages[1].input_fill, &evidence.batch_latency_p999_s, &evidence.window_s}) {
        const double before = *field;
        *field = value;
        const Verdict verdict = judge(evidence);
        EXPECT_THAT(all_text(verdict), Not(AnyOf(HasSubstr("nan"), HasSubstr("inf"))));
        EXPECT_TRUE(std::isfinite(verdict.headroom) && std::isfinite(verdict.supply_per_s) &&
                    std::isfinite(verdict.demand_per_s) && std::isfinite(verdict.wait_share));
        *field = before;
      }
    }
  }
}

TEST(Verdict, survives_evidence_without_stages_or_with_empty_ones) {
  Evidence evidence{.window_s = 10, .steps = 100, .samples = 100, .wait_s = 5};
  EXPECT_EQ(judge(evidence).kind, VerdictKind::unsure);
  evidence.stages = {{.name = "storage", .pool = "io"}, {.name = "decode", .pool = "workers"}};
  EXPECT_EQ(judge(evidence).kind, VerdictKind::unsure);
  evidence.wait_s = 0;
  EXPECT_EQ(judge(evidence).kind, VerdictKind::fed);
}

}  // namespace
}  // namespace headrace::observe

// The words: rates and shares as people read them, and the depth of a buffer that rides out bursts.
#include "headrace/observe/advice.h"

#include <gmock/gmock.h>

#include "headrace/observe/verdict_cases.h"

namespace headrace::observe {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(Advice, writes_rates_and_shares_with_the_figures_that_matter) {
  EXPECT_EQ(rate_text(1540.4), "1,540 samples/s");
  EXPECT_EQ(rate_text(3.26), "3.3 samples/s");
  EXPECT_EQ(rate_text(0), "0 samples/s");
  EXPECT_EQ(percent_text(0.004), "0.4 %");
  EXPECT_EQ(percent_text(0.2349), "23 %");
  EXPECT_EQ(percent_text(-1), "?");
}

TEST(Advice, sizes_the_buffer_by_the_slowest_of_a_thousand_batches) {
  Evidence evidence = healthy_evidence();
  evidence.batch_latency_p50_s = 0;
  evidence.batch_latency_p999_s = 0.35;
  EXPECT_EQ(prefetch_for_bursts(evidence, 2560), 6u);  // ceil(10 x 0.35) + 2
  EXPECT_EQ(prefetch_for_bursts(Evidence{}, 0), 2u);
}

TEST(Advice, says_how_many_workers_the_whole_demand_needs_when_the_machine_has_too_few) {
  Evidence evidence = short_of_decode_evidence();
  evidence.cores = 5;
  evidence.cpu_s = 400;
  const Verdict verdict = judge(evidence);
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("workers = 5 (now 4)")));
  EXPECT_THAT(verdict.advice, Contains(HasSubstr("1.0 of 5 cores are idle")));
}

TEST(Advice, puts_the_numbers_of_littles_law_in_one_line) {
  const Verdict verdict = judge(short_of_storage_evidence());
  EXPECT_THAT(verdict.evidence,
              Contains(HasSubstr("2560 reads/s x 24.8 ms = 63.5 in flight of 64")));
}

}  // namespace
}  // namespace headrace::observe

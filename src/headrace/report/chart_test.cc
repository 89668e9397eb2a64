// Ticks are round, coordinates finite, and a chart's size does not grow with the run.
#include "headrace/report/chart.h"

#include <gmock/gmock.h>

#include <limits>

#include "headrace/report/sample_record.h"

namespace headrace::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Chart, puts_ticks_at_round_numbers_that_reach_the_greatest_value) {
  EXPECT_THAT(ticks_up_to(100, 4), ElementsAre(0, 25, 50, 75, 100));
  EXPECT_THAT(ticks_up_to(7, 4), ElementsAre(0, 2, 4, 6, 8));
  EXPECT_THAT(ticks_up_to(0, 1), ElementsAre(0, 1));
  for (const double most : {1e-12, 0.3, 1.0, 99.9, 1e17}) {
    EXPECT_GE(ticks_up_to(most, 4).back(), most * 0.999);
    EXPECT_LE(ticks_up_to(most, 4).size(), 6u);
  }
}

TEST(Chart, draws_every_point_with_its_figures_on_hover) {
  const std::string svg =
      line_chart({.label = "rate", .color = "c1", .x_s = {1, 2}, .y = {10, 20}});
  EXPECT_THAT(svg, HasSubstr("<title>10 at 1.00 s</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>20 at 2.00 s</title>"));
}

TEST(Chart, draws_a_long_run_with_no_more_points_than_a_short_one) {
  LineChart chart{.label = "long"};
  for (int i = 0; i < 100'000; ++i) {
    chart.x_s.push_back(i);
    chart.y.push_back(i % 7);
  }
  EXPECT_LT(line_chart(chart).size(), 60'000u);
}

TEST(Chart, draws_nothing_that_is_not_a_number) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string svg = line_chart({.x_s = {nan, 1, infinity}, .y = {infinity, nan, -1}});
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(Chart, says_so_when_there_is_nothing_to_draw) {
  EXPECT_THAT(line_chart({}), HasSubstr("Too short"));
  EXPECT_THAT(histogram_chart("none", {}), HasSubstr("Nothing was counted"));
}

TEST(Chart, marks_median_and_p99_of_a_histogram_and_escapes_its_label) {
  const std::string svg = histogram_chart("<x>", sample_histogram(2e6, 1000));
  EXPECT_THAT(svg, HasSubstr(">median 2.0"));
  EXPECT_THAT(svg, HasSubstr(">p99 "));
  EXPECT_THAT(svg, HasSubstr("aria-label=\"&lt;x&gt;\""));
}

TEST(Chart, draws_a_histogram_of_extremes) {
  observe::HistogramRecord histogram;
  histogram.buckets = {{.low_ns = 0, .high_ns = 1, .count = 1},
                       {.low_ns = ~uint64_t{0} - 1, .high_ns = ~uint64_t{0}, .count = 1}};
  EXPECT_THAT(histogram_chart("wide", histogram), Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace headrace::report

// Medians and ratios are those of the rounds, and a run that is ended keeps its whole rounds.
#include "headrace/bench/table.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace headrace::bench {
namespace {

using ::testing::HasSubstr;

// Takes 1 s a run and does the next number of items each time.
Contender scripted(const std::string& name, std::vector<double> items) {
  auto next = std::make_shared<size_t>(0);
  return {name, "items/s", [=] {
            return Sample{.items = items[(*next)++ % items.size()], .wall_s = 1, .cpu_s = 0.5};
          }};
}

TEST(Table, a_ratio_is_the_median_of_the_rounds_own_ratios) {
  // The warm-up takes the first number of each.
  const auto rows = interleave(
      {scripted("base", {1, 100, 200, 400}), scripted("ours", {1, 300, 400, 400})}, {.count = 3});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[0].value, 200);
  EXPECT_DOUBLE_EQ(rows[0].spread, 1.5);
  EXPECT_DOUBLE_EQ(rows[1].value, 400);
  EXPECT_DOUBLE_EQ(rows[1].ratio, 2);  // of 3, 2 and 1
  EXPECT_EQ(rows[1].ratio_of, "base");
  EXPECT_DOUBLE_EQ(rows[0].cpu_us_an_item, 0.5e6 / 200);
}

TEST(Table, a_contender_may_have_a_base_of_its_own) {
  auto theirs = scripted("theirs", {10});
  auto ours = scripted("ours", {30});
  ours.base = 1;
  const auto rows = interleave({scripted("base", {100}), theirs, ours}, {});
  EXPECT_DOUBLE_EQ(rows[1].ratio, 0.1);
  EXPECT_DOUBLE_EQ(rows[2].ratio, 3);
  EXPECT_EQ(rows[2].ratio_of, "theirs");
  EXPECT_THAT(table_text("speed", rows), HasSubstr("3.00 of \"theirs\"\n"));
}

TEST(Table, a_run_that_is_ended_counts_whole_rounds_only) {
  uint32_t runs = 0;
  const Rounds rounds{.count = 9, .warm_up = false, .on_run = [&](uint32_t, const Contender&) {
                        return ++runs <= 5;
                      }};
  const auto rows = interleave({scripted("a", {1}), scripted("b", {1})}, rounds);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].rounds, 2u);
  EXPECT_EQ(rows[1].rounds, 2u);
}

TEST(Table, a_run_without_a_whole_round_has_no_rows) {
  const Rounds rounds{.on_run = [](uint32_t, const Contender&) { return false; }};
  EXPECT_TRUE(interleave({scripted("a", {1})}, rounds).empty());
}

TEST(Table, text_and_json_say_the_same) {
  const auto rows = interleave({scripted("base", {50})}, {.count = 5});
  EXPECT_THAT(table_text("speed", rows), HasSubstr("speed: median of 5 interleaved rounds"));
  EXPECT_THAT(table_text("speed", rows), HasSubstr("50.0 items/s"));
  const auto document = table_document("speed", ".", rows);
  EXPECT_EQ(document["bench"], "speed");
  EXPECT_EQ(document["rows"][0]["value"], 50.0);
  EXPECT_EQ(document["rows"][0]["ratio"]["of"], "base");
  EXPECT_FALSE(document["machine"]["kernel"].get<std::string>().empty());
}

}  // namespace
}  // namespace headrace::bench

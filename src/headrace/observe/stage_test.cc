// Stage names, and times that add up.
#include "headrace/observe/stage.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace headrace::observe {
namespace {

TEST(Stage, has_a_name_of_its_own_for_each) {
  std::set<std::string> names;
  for (size_t i = 0; i < k_stage_count; ++i) names.insert(name_of(static_cast<Stage>(i)));
  EXPECT_EQ(names.size(), k_stage_count);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(StageTimes, adds_up_each_stage_apart) {
  StageTimes times;
  times.add(Stage::decode, 100, 1);
  times.add(Stage::decode, 50, 2);
  times.add(Stage::resize, 7, 1);
  EXPECT_EQ(times.busy_ns(Stage::decode), 150u);
  EXPECT_EQ(times.items(Stage::decode), 3u);
  EXPECT_EQ(times.busy_ns(Stage::resize), 7u);
  EXPECT_EQ(times.items(Stage::copy), 0u);
}

}  // namespace
}  // namespace headrace::observe

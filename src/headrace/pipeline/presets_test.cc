// Presets exist by their names and are what other loaders mean by them.
#include "headrace/pipeline/presets.h"

#include <gtest/gtest.h>

namespace headrace::pipeline {
namespace {

TEST(Presets, exist_for_each_name_and_no_other) {
  for (const std::string_view name : preset_names()) EXPECT_EQ(preset_fields(name)->size(), 2);
  EXPECT_EQ(preset_fields("imagenet2"), std::nullopt);
}

TEST(Presets, train_with_random_crops_and_evaluate_the_center) {
  EXPECT_EQ(preset_fields("imagenet")->front().crop, ops::Crop::random_resized);
  EXPECT_EQ(preset_fields("imagenet")->front().flip, 0.5);
  EXPECT_EQ(preset_fields("imagenet-eval")->front().crop, ops::Crop::center);
  EXPECT_EQ(preset_fields("imagenet-eval")->front().flip, 0);
}

TEST(Presets, stand_for_fields_in_a_job) {
  EXPECT_EQ(parse_job("preset = 'imagenet'", "x").fields, *preset_fields("imagenet"));
}

}  // namespace
}  // namespace headrace::pipeline

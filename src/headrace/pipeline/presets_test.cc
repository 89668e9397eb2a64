// Presets exist by their names and are what other loaders mean by them.
#include "headrace/pipeline/presets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "headrace/formats/tar_builder.h"

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

std::vector<FieldJob> fields_of_tar(std::string_view tar) {
  const TempFolder folder;
  write_text(folder / "a.tar", tar);
  return fields_of(*formats::Dataset::open(folder / "a.tar", {.cache_folder = folder / "cache"}));
}

TEST(FieldsOf, are_a_preset_where_there_are_pictures) {
  EXPECT_EQ(fields_of_tar(formats::TarBuilder().add("0.cls", "3").add("0.png", "p").finished()),
            *preset_fields("imagenet"));
  const std::vector<FieldJob> unlabeled =
      fields_of_tar(formats::TarBuilder().add("0.jpg", "p").finished());
  ASSERT_EQ(unlabeled.size(), 1);
  EXPECT_EQ(unlabeled[0].name, "image");
}

TEST(FieldsOf, are_bytes_as_long_as_the_longest_where_all_samples_have_them) {
  const std::vector<FieldJob> fields = fields_of_tar(formats::TarBuilder()
                                                         .add("0.rare", "x")
                                                         .add("0.txt", "four")
                                                         .add("0.npy.zst", "packed")
                                                         .add("1.txt", "sixsix")
                                                         .add("1.npy.zst", "packed")
                                                         .finished());
  ASSERT_EQ(fields.size(), 1);
  EXPECT_EQ(fields[0].name, "txt");
  EXPECT_EQ(fields[0].kind, FieldKind::bytes);
  EXPECT_THAT(fields[0].shape, ::testing::ElementsAre(6));
}

}  // namespace
}  // namespace headrace::pipeline

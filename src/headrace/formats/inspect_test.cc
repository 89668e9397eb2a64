// The facts of a small data set, counted by hand.
#include "headrace/formats/inspect.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

TEST(Inspect, counts_fields_sizes_kinds_and_index_health) {
  const TempFolder folder;
  TarBuilder tar;
  for (int i = 0; i < 101; ++i) {
    std::string body = "\xff\xd8\xff";
    body.resize(static_cast<size_t>(1000 + i * 10), 'x');
    tar.add(std::to_string(i) + ".jpg", body);
    if (i % 2 == 0) tar.add(std::to_string(i) + ".cls", "7");
  }
  std::filesystem::create_directories(folder / "x");
  write_text(folder / "x/s.tar", tar.finished());
  const InspectOptions options{.open = {.cache_folder = folder / "cache"},
                               .image_sample_count = 10};
  const DatasetFacts facts = inspect({folder / "x"}, options);
  EXPECT_EQ(facts.format, "webdataset");
  EXPECT_EQ(facts.sample_count, 101U);
  ASSERT_EQ(facts.fields.size(), 2U);
  EXPECT_EQ(facts.fields[0].sample_count, 51U);
  const FieldFacts& jpg = facts.fields[1];
  EXPECT_EQ(jpg.min_bytes, 1000U);
  EXPECT_EQ(jpg.max_bytes, 2000U);
  EXPECT_EQ(jpg.mean_bytes, 1500U);
  EXPECT_NEAR(static_cast<double>(jpg.median_bytes), 1500, 30);
  EXPECT_EQ(jpg.histogram[9], 3U);
  EXPECT_EQ(jpg.histogram[10], 98U);
  EXPECT_EQ(facts.images_sampled, 10U);
  EXPECT_EQ(facts.image_kinds.at("jpeg"), 10U);
  ASSERT_EQ(facts.shards.size(), 1U);
  EXPECT_EQ(facts.shards[0].health, IndexHealth::missing);
  EXPECT_EQ(inspect({folder / "x"}, options).shards[0].health, IndexHealth::present);
}

TEST(Inspect, several_data_sets_are_told_of_as_one) {
  const TempFolder folder;
  std::vector<std::string> paths;
  for (const std::string name : {"jpg", "png"}) {
    TarBuilder tar;
    tar.add("0.cls", "7");
    tar.add("0." + name, name == "png" ? "\x89PNG\r\n\x1a\n" : "\xff\xd8\xff");
    paths.push_back(folder / name + ".tar");
    write_text(paths.back(), tar.finished());
  }
  const DatasetFacts facts = inspect(paths, {.open = {.cache_folder = folder / "cache"}});
  EXPECT_EQ(facts.sample_count, 2U);
  ASSERT_EQ(facts.fields.size(), 3U);
  EXPECT_EQ(facts.fields[0].sample_count, 2U);
  EXPECT_EQ(facts.fields[2].sample_count, 1U);
  EXPECT_EQ(facts.images_sampled, 2U);
  ASSERT_EQ(facts.shards.size(), 2U);
  EXPECT_EQ(facts.shards[1].path, paths[1]);
}

TEST(Inspect, an_image_tree_has_inline_classes_and_no_shards) {
  const TempFolder folder;
  std::filesystem::create_directories(folder / "x/cat");
  write_text(folder / "x/cat/1.jpg", "");
  const DatasetFacts facts = inspect({folder / "x"}, {.open = {.cache_folder = folder / "cache"}});
  EXPECT_TRUE(facts.fields[0].is_inline);
  EXPECT_EQ(facts.fields[1].max_bytes, 0U);
  EXPECT_TRUE(facts.shards.empty());
  EXPECT_THAT(facts.class_names, testing::ElementsAre("cat"));
}

}  // namespace
}  // namespace headrace::formats

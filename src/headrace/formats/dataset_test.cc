// What Dataset::open makes of each kind of path, and what it says when it finds nothing.
#include "headrace/formats/dataset.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/manifest.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class DatasetTest : public testing::Test {
 protected:
  std::unique_ptr<Dataset> open(const std::string& path) {
    return Dataset::open(path, {.cache_folder = folder_ / "cache"});
  }
  std::string failure_of(const std::string& path) {
    try {
      open(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  std::string field_text(const Dataset& dataset, uint64_t sample_id, size_t field_index) {
    const Location location = dataset.locate(sample_id);
    const FieldExtent field = location.fields[field_index];
    return read_text(dataset.file(location.file_index).path)
        .substr(field.offset_bytes, field.length_bytes);
  }
  void write_shards(const std::string& name, int count) {
    std::filesystem::create_directories(folder_ / name);
    for (int i = 0; i < count; ++i) {
      const std::string key = std::to_string(i);
      write_text(folder_ / name + "/" + fmt::format("s-{:03}.tar", i),
                 TarBuilder()
                     .add(key + "a.cls", key)
                     .add(key + "a.jpg", "A" + key)
                     .add(key + "b.cls", key)
                     .add(key + "b.jpg", "B" + key)
                     .finished());
    }
  }

  TempFolder folder_;
};

TEST_F(DatasetTest, a_folder_of_tars_is_read_in_the_order_of_names) {
  write_shards("x", 3);
  const auto dataset = open(folder_ / "x");
  EXPECT_EQ(dataset->format(), "webdataset");
  EXPECT_EQ(dataset->sample_count(), 6U);
  EXPECT_THAT(dataset->field_names(), ElementsAre("cls", "jpg"));
  EXPECT_EQ(field_text(*dataset, 0, 1), "A0");
  EXPECT_EQ(field_text(*dataset, 5, 1), "B2");
  EXPECT_EQ(dataset->key(5), "2b");
  EXPECT_EQ(dataset->first_sample(2), 4U);
  EXPECT_EQ(dataset->first_sample(3), 6U);
}

TEST_F(DatasetTest, one_tar_and_a_brace_list_are_data_sets_too) {
  write_shards("x", 3);
  EXPECT_EQ(open(folder_ / "x/s-001.tar")->sample_count(), 2U);
  const auto two = open(folder_ / "x/s-{001..002}.tar");
  EXPECT_EQ(two->sample_count(), 4U);
  EXPECT_EQ(field_text(*two, 0, 1), "A1");
  EXPECT_THAT(failure_of(folder_ / "x/s-{001..003}.tar"), HasSubstr("s-003.tar"));
}

TEST_F(DatasetTest, class_folders_are_a_data_set) {
  std::filesystem::create_directories(folder_ / "tree/cat");
  write_text(folder_ / "tree/cat/1.jpg", "x");
  EXPECT_EQ(open(folder_ / "tree")->format(), "image-folder");
}

TEST_F(DatasetTest, says_what_it_looked_for_when_nothing_is_there) {
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_THAT(failure_of(folder_ / "empty"), HasSubstr("no headrace.json, no shards"));
  EXPECT_THAT(failure_of(folder_ / "nowhere"), HasSubstr("No such file"));
  write_text(folder_ / "x.txt", std::string(2000, 'x'));
  EXPECT_THAT(failure_of(folder_ / "x.txt"), HasSubstr("it begins like no known format"));
  write_text(folder_ / "empty/s.tar", TarBuilder().finished());
  EXPECT_THAT(failure_of(folder_ / "empty"), HasSubstr("its shards are empty"));
}

TEST_F(DatasetTest, a_half_packed_folder_is_refused) {
  write_shards("x", 1);
  write_text(folder_ / "x/headrace.packing.json", "{}");
  EXPECT_THAT(failure_of(folder_ / "x"), HasSubstr("has not finished"));
}

TEST_F(DatasetTest, a_cut_off_shard_is_named_with_the_byte_at_which_it_ends) {
  write_shards("x", 1);
  std::filesystem::resize_file(folder_ / "x/s-000.tar", 3000);
  EXPECT_THAT(failure_of(folder_ / "x"), HasSubstr("s-000.tar at byte 3000"));
}

TEST_F(DatasetTest, the_manifest_decides_which_shards_count) {
  write_shards("x", 3);
  const auto size = std::filesystem::file_size(folder_ / "x/s-001.tar");
  Manifest manifest{.shards = {{.name = "s-001.tar",
                                .index_name = "s-001.tar.hrx",
                                .sample_count = 2,
                                .size_bytes = size}},
                    .field_names = {"cls", "jpg"},
                    .class_names = {},
                    .sample_count = 2,
                    .size_bytes = size,
                    .made_by = "test"};
  write_manifest(real_files(), folder_ / "x", manifest);
  EXPECT_EQ(open(folder_ / "x")->sample_count(), 2U);
  manifest.shards[0].sample_count = manifest.sample_count = 3;
  write_manifest(real_files(), folder_ / "x", manifest);
  EXPECT_THAT(failure_of(folder_ / "x"), HasSubstr("manifest says"));
}

TEST_F(DatasetTest, the_cache_folder_follows_the_environment) {
  ::setenv("HEADRACE_CACHE", "/somewhere", 1);
  EXPECT_EQ(default_cache_folder(), "/somewhere");
  ::unsetenv("HEADRACE_CACHE");
  EXPECT_THAT(default_cache_folder(), HasSubstr("headrace"));
}

}  // namespace
}  // namespace headrace::formats

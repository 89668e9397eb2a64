// The arithmetic over shards, mixed fields, fingerprints, and indexes that point outside.
#include "headrace/formats/shard_set.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ShardSetTest : public testing::Test {
 protected:
  std::string shard(const std::string& name, int sample_count, const std::string& field = "jpg",
                    const std::string& body = "body") {
    TarBuilder tar;
    for (int i = 0; i < sample_count; ++i) tar.add(std::to_string(i) + "." + field, body);
    write_text(folder_ / name, tar.finished());
    return folder_ / name;
  }
  std::unique_ptr<ShardSet> open(const std::vector<std::string>& paths) {
    return ShardSet::open({.paths = paths, .manifest = {}}, {.cache_folder = folder_ / "cache"});
  }

  TempFolder folder_;
};

TEST_F(ShardSetTest, ids_run_through_shards_of_any_size_also_empty_ones) {
  const auto dataset = open({shard("a", 2), shard("b", 0), shard("c", 3), shard("d", 0)});
  EXPECT_EQ(dataset->sample_count(), 5U);
  std::vector<uint32_t> files;
  for (uint64_t id = 0; id < 5; ++id) files.push_back(dataset->locate(id).file_index);
  EXPECT_THAT(files, ElementsAre(0, 0, 2, 2, 2));
  EXPECT_EQ(dataset->key(2), "0");
  EXPECT_EQ(dataset->file(2).sample_count, 3U);
}

TEST_F(ShardSetTest, shards_with_other_fields_share_one_list_of_fields) {
  const auto dataset = open({shard("a", 2, "jpg"), shard("b", 2, "png"), shard("c", 1, "cls")});
  EXPECT_THAT(dataset->field_names(), ElementsAre("cls", "jpg", "png"));
  EXPECT_EQ(dataset->locate(0).fields[1].length_bytes, 4U);
  EXPECT_EQ(dataset->locate(2).fields[1].length_bytes, k_absent);
  EXPECT_EQ(dataset->locate(3).fields[2].length_bytes, 4U);
  EXPECT_EQ(dataset->locate(4).fields[0].length_bytes, 4U);
}

TEST_F(ShardSetTest, an_extent_outside_its_shard_is_an_error_when_used) {
  const std::string path = shard("a", 2);
  const uint64_t size = read_text(path).size();
  {
    IndexWriter writer(real_files(), path + ".hrx", {"jpg"});
    writer.append(0, std::array{FieldExtent{.offset_bytes = 512, .length_bytes = 4}});
    writer.append(0, std::array{FieldExtent{.offset_bytes = size - 3, .length_bytes = 4}});
    writer.append(0, std::array{FieldExtent{.offset_bytes = 16, .length_bytes = k_inline}});
    writer.append(1024, std::array{FieldExtent{.offset_bytes = 1536, .length_bytes = 4}});
    writer.publish({.source_size_bytes = size});
  }
  const auto dataset = open({path});
  EXPECT_EQ(dataset->sample_count(), 4U) << "the index was not believed";
  EXPECT_NO_THROW(dataset->locate(0));
  EXPECT_THROW(dataset->locate(1), Error);
  EXPECT_EQ(dataset->locate(2).fields[0].length_bytes, k_inline);
}

TEST_F(ShardSetTest, of_a_salvaged_shard_what_lies_behind_the_end_is_there_and_cannot_be_read) {
  const std::string path = shard("a", 4);
  open({path});
  const uint64_t end_bytes = 2 * 1024 + 512;  // behind the third sample's header
  std::filesystem::resize_file(path, end_bytes);
  const OpenOptions options{.cache_folder = folder_ / "cache", .salvage = true};
  const auto dataset = ShardSet::open({.paths = {path}, .manifest = {}}, options);
  ASSERT_EQ(dataset->sample_count(), 4U);
  EXPECT_EQ(dataset->locate(1).fields[0].offset_bytes, 1024U + 512U);
  std::vector<Location> locations(2);
  dataset->locate_all(std::array<uint64_t, 2>{2, 3}, locations);
  for (const Location& location : locations) {
    EXPECT_EQ(location.fields[0].offset_bytes, end_bytes);
    EXPECT_EQ(location.fields[0].length_bytes, 1U);
  }
  EXPECT_EQ(dataset->key(2), "2");
  EXPECT_EQ(dataset->key(3), "");
  EXPECT_THAT(dataset->notes(), ElementsAre(HasSubstr("cut short")));
}

TEST_F(ShardSetTest, the_fingerprint_follows_the_data_and_not_the_folder) {
  const auto path = shard("a", 2), other = shard("b", 2);
  const uint64_t first = open({path, other})->fingerprint();
  EXPECT_EQ(open({path, other})->fingerprint(), first);
  EXPECT_NE(open({other, path})->fingerprint(), first);
  EXPECT_NE(open({path})->fingerprint(), first);
  shard("a", 2, "jpg", std::string(600, 'x'));
  EXPECT_NE(open({path, other})->fingerprint(), first);
}

TEST_F(ShardSetTest, notes_tell_of_an_index_that_was_made_again) {
  const std::string path = shard("a", 2);
  EXPECT_TRUE(open({path})->notes().empty());
  shard("a", 3);
  EXPECT_THAT(open({path})->notes(), ElementsAre(HasSubstr("disagrees")));
  EXPECT_TRUE(open({path})->notes().empty());
}

TEST_F(ShardSetTest, many_shards_are_opened_side_by_side_and_keep_their_order) {
  std::vector<std::string> paths;
  for (int i = 0; i < 40; ++i) paths.push_back(shard(fmt::format("s{:02}", i), i % 4));
  const auto dataset = open(paths);
  for (uint64_t i = 0; i < 40; ++i) {
    EXPECT_EQ(dataset->file(i).path, paths[i]);
    EXPECT_EQ(dataset->file(i).sample_count, i % 4);
  }
  paths.push_back(folder_ / "absent");
  EXPECT_THROW(open(paths), Error);
}

TEST_F(ShardSetTest, the_key_of_a_vanished_shard_is_empty) {
  EXPECT_EQ(key_at(real_files(), {.path = folder_ / "nowhere", .stat = {}, .cache_folder = {}}, {}),
            "");
}

}  // namespace
}  // namespace headrace::formats

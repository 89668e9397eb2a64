// Which shards a path stands for.
#include "headrace/formats/shard_list.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using std::string_literals::operator""s;
using testing::HasSubstr;

TEST(ShardList, a_folders_tars_are_sorted_and_other_files_ignored) {
  const TempFolder folder;
  for (const char* name : {"b.tar", "a.tar", "a.tar.hrx", "c.tar.partial", "x.txt"}) {
    write_text(folder / name, "");
  }
  std::filesystem::create_directories(folder / "d.tar");
  EXPECT_THAT(find_shards(real_files(), folder.path())->paths,
              ElementsAre(folder / "a.tar", folder / "b.tar"));
}

TEST(ShardList, a_folder_without_tars_is_none) {
  const TempFolder folder;
  EXPECT_FALSE(find_shards(real_files(), folder.path()));
}

TEST(ShardList, tars_compressed_by_what_is_not_read_are_refused_with_the_way_out) {
  const TempFolder folder;
  write_text(folder / "a.tar.bz2", std::string(1000, 'B'));
  try {
    find_shards(real_files(), folder / "a.tar.bz2");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::unsupported);
    EXPECT_THAT(error.what(), HasSubstr("unpack"));
  }
}

TEST(ShardList, a_path_with_braces_that_exists_is_taken_as_it_is) {
  const TempFolder folder;
  write_text(folder / "{a,b}.tar", TarBuilder().add("1.jpg", "x").finished());
  EXPECT_THAT(find_shards(real_files(), folder / "{a,b}.tar")->paths,
              ElementsAre(folder / "{a,b}.tar"));
  EXPECT_THROW(find_shards(real_files(), folder / "{a"), Error);
}

TEST(ShardList, parts_are_joined_and_programs_are_not_started) {
  const TempFolder folder;
  for (const char* name : {"a0.tar", "a1.tar", "b.tar"}) {
    write_text(folder / name, TarBuilder().add("1.jpg", "x").finished());
  }
  const std::string list = (folder / "a{0..1}.tar") + "::" + (folder / "b.tar");
  EXPECT_THAT(find_shards(real_files(), list)->paths,
              ElementsAre(folder / "a0.tar", folder / "a1.tar", folder / "b.tar"));
  for (const std::string& path : {"pipe:touch " + (folder / "ran"), "a.tar::pipe:true"s}) {
    try {
      find_shards(real_files(), path);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("starts no program"));
    }
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "ran"));
}

}  // namespace
}  // namespace headrace::formats

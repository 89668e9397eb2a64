// Copies are opened as the folder's manifest knows them, and not otherwise.
#include "headrace/formats/copies.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

class CopiesTest : public testing::Test {
 protected:
  CopiesTest() {
    write_set(folder_.path(), {"1", "2"});
    const Manifest copy = write_set(copy_path(folder_.path(), 1), {"2", "1"});
    Manifest whole = *read_manifest(real_files(), folder_.path());
    whole.copies = {.seed = 5, .manifest_hashes = {hash_of(copy)}};
    write_manifest(real_files(), folder_.path(), whole);
  }
  static Manifest write_set(const std::string& folder, const std::vector<std::string>& keys) {
    std::filesystem::create_directories(folder);
    TarBuilder tar;
    for (const std::string& key : keys) tar.add(key + ".txt", "text " + key);
    const std::string bytes = tar.finished();
    write_text(folder + "/a.tar", bytes);
    const Manifest manifest{.shards = {{.name = "a.tar",
                                        .index_name = "a.tar.hrx",
                                        .sample_count = keys.size(),
                                        .size_bytes = bytes.size()}},
                            .field_names = {"txt"},
                            .sample_count = keys.size(),
                            .size_bytes = bytes.size()};
    write_manifest(real_files(), folder, manifest);
    return manifest;
  }
  std::string refusal() {
    try {
      open_copies(folder_.path(), {});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  TempFolder folder_;
};

TEST_F(CopiesTest, lie_one_behind_the_other) {
  EXPECT_EQ(copy_count(real_files(), folder_.path()), 2U);
  const auto dataset = open_copies(folder_.path(), {});
  EXPECT_EQ(dataset->copies(), (Copies{.count = 2, .seed = 5}));
  EXPECT_EQ(dataset->sample_count(), 4U);
  EXPECT_EQ(dataset->distinct_sample_count(), 2U);
  EXPECT_EQ(dataset->key(2), "2");
  EXPECT_EQ(Dataset::open(folder_.path(), {})->sample_count(), 2U) << "the first one by itself";
}

TEST_F(CopiesTest, that_are_others_or_gone_are_refused_with_their_folder) {
  write_set(copy_path(folder_.path(), 1), {"2", "1", "3"});
  EXPECT_THAT(refusal(), HasSubstr("copy-1: its manifest is not the one"));
  std::filesystem::remove(copy_path(folder_.path(), 1) + "/headrace.json");
  EXPECT_THAT(refusal(), HasSubstr("copy-1: it has no manifest"));
}

TEST_F(CopiesTest, where_there_is_one_the_error_says_so) {
  write_set(folder_.path(), {"1", "2"});
  EXPECT_THAT(refusal(), HasSubstr("it was packed once"));
  EXPECT_EQ(copy_count(real_files(), folder_ / "a.tar"), 1U);
  EXPECT_EQ(copy_count(real_files(), folder_ / "nothing"), 1U);
}

}  // namespace
}  // namespace headrace::formats

// Classes, stable order, deep folders, and the cache that is believed only while nothing changed.
#include "headrace/formats/image_folder.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;

class ImageFolderTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& body = "x") {
    std::filesystem::create_directories(std::filesystem::path(root_ + "/" + path).parent_path());
    write_text(root_ + "/" + path, body);
  }
  std::unique_ptr<ImageFolder> open() {
    return ImageFolder::open(root_, {.cache_folder = folder_ / "cache"});
  }
  static std::vector<std::string> keys_of(const Dataset& dataset) {
    std::vector<std::string> keys;
    for (uint64_t id = 0; id < dataset.sample_count(); ++id) keys.push_back(dataset.key(id));
    return keys;
  }

  TempFolder folder_;
  const std::string root_ = folder_ / "tree";
};

TEST_F(ImageFolderTest, classes_are_the_first_folders_with_images_in_the_order_of_names) {
  put("dog/2.jpg", "dog");
  put("cat/deep/er/1.PNG", "kitty");
  put("cat/0.jpeg");
  put("empty/readme.txt");
  put(".hidden/1.jpg");
  put("dog/.thumb.jpg");
  put("stray.jpg");
  const auto dataset = open();
  EXPECT_THAT(dataset->field_names(), ElementsAre("cls", "jpg"));
  EXPECT_THAT(keys_of(*dataset), ElementsAre("cat/0.jpeg", "cat/deep/er/1.PNG", "dog/2.jpg"));
  const Location location = dataset->locate(2);
  EXPECT_EQ(location.fields[0].length_bytes, k_inline);
  EXPECT_EQ(location.fields[0].offset_bytes, 1U);
  EXPECT_EQ(location.fields[1].offset_bytes, 0U);
  EXPECT_EQ(location.fields[1].length_bytes, 3U);
  EXPECT_EQ(dataset->file(location.file_index).path, root_ + "/dog/2.jpg");
  EXPECT_EQ(dataset->size_bytes(), 9U);
}

TEST_F(ImageFolderTest, images_without_class_folders_have_no_class) {
  put("b.jpg");
  put("a.webp");
  const auto dataset = open();
  EXPECT_THAT(dataset->field_names(), ElementsAre("jpg"));
  EXPECT_THAT(keys_of(*dataset), ElementsAre("a.webp", "b.jpg"));
}

TEST_F(ImageFolderTest, a_folder_without_images_is_none) {
  put("cat/readme.txt");
  EXPECT_EQ(open(), nullptr);
}

TEST_F(ImageFolderTest, a_file_added_removed_or_renamed_is_seen_by_the_next_open) {
  put("cat/1.jpg");
  put("dog/deep/1.jpg");
  const uint64_t first = open()->fingerprint();
  EXPECT_EQ(open()->fingerprint(), first);
  put("dog/deep/2.jpg");
  EXPECT_EQ(open()->sample_count(), 3U);
  std::filesystem::remove(root_ + "/cat/1.jpg");
  EXPECT_THAT(keys_of(*open()), ElementsAre("dog/deep/1.jpg", "dog/deep/2.jpg"));
  put("new/1.jpg");
  EXPECT_EQ(open()->sample_count(), 3U);
  EXPECT_NE(open()->fingerprint(), first);
}

TEST_F(ImageFolderTest, a_damaged_cache_is_made_again) {
  put("cat/1.jpg");
  open();
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "cache/indexes")) {
    write_text(entry.path(), "damaged");
  }
  EXPECT_EQ(open()->sample_count(), 1U);
}

TEST_F(ImageFolderTest, links_that_go_round_are_refused) {
  put("cat/1.jpg");
  std::filesystem::create_directory_symlink(".", root_ + "/cat/again");
  EXPECT_THROW(open(), Error);
}

TEST_F(ImageFolderTest, extensions_count_in_any_case) {
  for (const char* name : {"a.jpg", "a.JPEG", "a.Png", "a.webp", "a.jfif"}) {
    EXPECT_TRUE(has_image_extension(name)) << name;
  }
  for (const char* name : {"jpg", "a.jpg.txt", "a.gif", "", "a"}) {
    EXPECT_FALSE(has_image_extension(name)) << name;
  }
}

}  // namespace
}  // namespace headrace::formats

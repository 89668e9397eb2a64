// Tables as people keep them beside pictures, and those that contradict the folder.
#include "headrace/formats/image_labels.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/image_folder.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ImageLabelsTest : public testing::Test {
 protected:
  ImageLabels read(const std::string& text, const std::vector<std::string>& images) {
    write_text(path_, text);
    return read_labels(real_files(), path_, images);
  }
  std::string refusal(const std::string& text) {
    try {
      read(text, {"a.jpg", "b.jpg"});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  TempFolder folder_;
  std::string path_ = folder_.path() + "/labels.csv";
};

TEST_F(ImageLabelsTest, integers_stay_and_names_are_numbered_in_their_order) {
  const auto labels =
      read("breed,id,age,note\npug,b,-3,x\nboxer,a,,y\npug,sub/c,7,z\npug,elsewhere,1,w\n",
           {"a.jpg", "b.png", "sub/c.jpg", "d.jpg"});
  ASSERT_EQ(labels.columns.size(), 2U);
  EXPECT_EQ(labels.columns[0].name, "age");
  EXPECT_THAT(labels.columns[0].values, ElementsAre(std::nullopt, -3, 7, std::nullopt));
  EXPECT_THAT(labels.columns[1].class_names, ElementsAre("boxer", "pug"));
  EXPECT_THAT(labels.columns[1].values, ElementsAre(0, 1, 1, std::nullopt));
  EXPECT_THAT(labels.left_out, ElementsAre("note"));
}

TEST_F(ImageLabelsTest, tables_that_fit_no_image_or_name_one_twice_are_refused) {
  EXPECT_THAT(refusal("file,label\nx.jpg,1\n"), HasSubstr("no cell of column file names"));
  EXPECT_THAT(refusal("file,label\na.jpg,1\na,2\n"), HasSubstr("row 2 is the second of a"));
  EXPECT_THAT(refusal("file,label\na.jpg\n"), HasSubstr("row 1 has 1 cells"));
  EXPECT_THAT(refusal("file,l,l\na.jpg,1,2\n"), HasSubstr("two columns are named l"));
}

TEST_F(ImageLabelsTest, an_image_folder_takes_its_labels_from_the_table_and_sees_it_change) {
  for (const char* name : {"images/1.jpg", "images/2.jpg", "3.jpg"}) {
    const std::string path = folder_ / name;
    std::filesystem::create_directories(path.substr(0, path.rfind('/')));
    write_text(path, "picture");
  }
  const auto open = [&] {
    return ImageFolder::open(folder_.path(), {.cache_folder = folder_ / "cache"});
  };
  const auto label_of = [](const ImageFolder& images, uint64_t id) {
    return static_cast<int64_t>(images.locate(id).fields[1].offset_bytes);
  };
  write_text(path_, "file,zlabel\nimages/1.jpg,cat\nimages/2.jpg,dog\n3.jpg,cat\n");
  auto images = open();
  EXPECT_THAT(images->field_names(), ElementsAre("jpg", "zlabel"));
  EXPECT_THAT(images->class_names(), ElementsAre("cat", "dog"));
  EXPECT_EQ(images->file(1).size_bytes, 7U);
  EXPECT_EQ(images->sample_count(), 3U);
  EXPECT_EQ(label_of(*images, 1), 1);
  EXPECT_THAT(images->notes().at(0), HasSubstr("labels.csv"));
  write_text(path_, "file,zlabel\nimages/1.jpg,5\nimages/2.jpg,6\n");
  images = open();
  EXPECT_EQ(label_of(*images, 1), 6);
  EXPECT_EQ(images->locate(2).fields[1].length_bytes, k_absent);
  EXPECT_TRUE(images->class_names().empty());
}

}  // namespace
}  // namespace headrace::formats

// List files: labels as numbers and names, relative paths, and lines that are wrong.
#include "headrace/pack/list_source.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/pack/picture_tree.h"

namespace headrace::pack {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ListSourceTest : public testing::Test {
 protected:
  std::unique_ptr<Source> open(const std::string& text) {
    write_text(folder_ / "list.txt", text);
    return open_list(real_files(), folder_ / "list.txt");
  }
  static std::string text_of(const SourceField& field) {
    return {reinterpret_cast<const char*>(field.bytes.data()), field.bytes.size()};
  }
  TempFolder folder_;
};

TEST_F(ListSourceTest, names_are_numbered_in_sorted_order) {
  write_text(folder_ / "a.jpg", "A");
  const auto source = open("a.jpg\tdog\r\na.jpg\tcat\n\n" + (folder_ / "a.jpg") + "\tdog");
  ASSERT_EQ(source->sample_count(), 3U);
  EXPECT_THAT(source->class_names(), ElementsAre("cat", "dog"));
  EXPECT_EQ(text_of(source->read(0)[0]), "1");
  EXPECT_EQ(text_of(source->read(1)[0]), "0");
  EXPECT_EQ(text_of(source->read(2)[1]), "A");
}

TEST_F(ListSourceTest, numbers_stay_and_no_label_is_no_field) {
  write_text(folder_ / "a.jpg", "A");
  EXPECT_EQ(text_of(open("a.jpg\t007\n")->read(0)[0]), "007");
  const auto bare = open("a.jpg\n");
  EXPECT_EQ(bare->read(0).size(), 1U);
  EXPECT_TRUE(bare->class_names().empty());
}

TEST_F(ListSourceTest, wrong_lines_are_named_by_number) {
  const auto failure_of = [&](const std::string& text) {
    try {
      open(text);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(failure_of("a\t1\nb\n"), HasSubstr("line 2"));
  EXPECT_THAT(failure_of("a\t1\n\nb\t\n"), HasSubstr("line 3"));
  EXPECT_THAT(failure_of("\t1\n"), HasSubstr("no path"));
  EXPECT_THAT(failure_of(""), HasSubstr("empty"));
}

TEST_F(ListSourceTest, an_absent_file_is_an_error_when_it_is_read) {
  const auto source = open("\nabsent.jpg\n");
  try {
    source->read(0);
    ADD_FAILURE() << "it was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::not_found);
    EXPECT_THAT(error.what(), HasSubstr("list.txt names it"));
    EXPECT_THAT(error.what(), HasSubstr("; line 2 of"));
  }
}

TEST_F(ListSourceTest, the_fingerprint_follows_paths_labels_and_order) {
  const uint64_t first = open("a\t1\nb\t2\n")->fingerprint();
  EXPECT_NE(open("b\t2\na\t1\n")->fingerprint(), first);
  EXPECT_NE(open("a\t2\nb\t1\n")->fingerprint(), first);
}

}  // namespace
}  // namespace headrace::pack

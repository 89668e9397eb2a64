// Numbers that run through all parts, fields that only some have, and parts that do not fit.
#include "headrace/formats/joined_dataset.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "headrace/base/error.h"
#include "headrace/base/temp_folder.h"
#include "headrace/formats/tar_builder.h"
#include "headrace/formats/token_writer.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class JoinedDatasetTest : public testing::Test {
 protected:
  using Parts = std::vector<std::string>;

  void write_tar(const std::string& name,
                 std::initializer_list<std::pair<std::string, std::string>> members) {
    TarBuilder builder;
    for (const auto& [member, text] : members) builder.add(member, text);
    write_text(folder_ / name, builder.finished());
  }
  void write_tokens(const std::string& name, uint64_t count, TokenType type) {
    TokenWriter writer(real_files(), folder_ / name, type);
    writer.append(std::vector<std::byte>(count * size_of(type)));
    writer.end_document();
    writer.publish();
  }
  void write_tree(const std::string& name, const std::vector<std::string>& classes) {
    for (const std::string& one : classes) {
      std::filesystem::create_directories(folder_ / name + "/" + one);
      write_text(folder_ / name + "/" + one + "/a.jpg", "picture of " + one);
    }
  }
  std::unique_ptr<JoinedDataset> join(const Parts& names) {
    std::vector<std::unique_ptr<Dataset>> parts;
    for (const std::string& name : names) {
      parts.push_back(
          Dataset::open(folder_ / name, {.cache_folder = folder_ / "cache", .sequence_tokens = 4}));
    }
    return std::make_unique<JoinedDataset>(std::move(parts));
  }
  std::string refusal(const Parts& names) {
    try {
      join(names);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
  static std::string text_of(const Dataset& dataset, const Location& location, size_t field) {
    const FieldExtent& extent = location.field(field);
    if (extent.length_bytes == k_absent) return "(none)";
    return read_text(dataset.file(location.file_index).path)
        .substr(extent.offset_bytes, extent.length_bytes);
  }
  TempFolder folder_;
};

TEST_F(JoinedDatasetTest, samples_and_files_are_numbered_through_all_parts) {
  write_tar("a.tar", {{"0.jpg", "zero"}, {"1.jpg", "one"}});
  write_tar("b.tar", {{"0.jpg", "two"}});
  const auto joined = join({"a.tar", "b.tar"});
  EXPECT_EQ(joined->sample_count(), 3U);
  EXPECT_EQ(joined->file_count(), 2U);
  EXPECT_EQ(joined->first_sample(1), 2U);
  EXPECT_EQ(joined->first_sample(2), 3U);
  EXPECT_EQ(joined->size_bytes(), joined->part(0).size_bytes() + joined->part(1).size_bytes());
  EXPECT_THAT(joined->first_samples_of_parts(), ElementsAre(0, 2, 3));
  std::vector<std::string> texts;
  for (uint64_t id = 0; id < 3; ++id) texts.push_back(text_of(*joined, joined->locate(id), 0));
  EXPECT_THAT(texts, ElementsAre("zero", "one", "two"));
  EXPECT_EQ(joined->key(2), joined->part(1).key(0));
}

TEST_F(JoinedDatasetTest, a_field_that_one_part_lacks_is_absent_there) {
  write_tar("a.tar", {{"0.cls", "7"}, {"0.jpg", "zero"}});
  write_tar("b.tar", {{"0.cap", "a caption"}, {"0.jpg", "one"}});
  const auto joined = join({"a.tar", "b.tar"});
  EXPECT_THAT(joined->field_names(), ElementsAre("cap", "cls", "jpg"));
  const std::vector<uint64_t> ids = {1, 0};
  std::vector<Location> locations(2);
  joined->locate_all(ids, locations);
  EXPECT_EQ(text_of(*joined, locations[0], 0), "a caption");
  EXPECT_EQ(text_of(*joined, locations[0], 1), "(none)");
  EXPECT_EQ(text_of(*joined, locations[0], 2), "one");
  EXPECT_EQ(text_of(*joined, locations[1], 0), "(none)");
  EXPECT_EQ(text_of(*joined, locations[1], 1), "7");
}

TEST_F(JoinedDatasetTest, many_samples_are_located_as_each_one_is) {
  write_tokens("a", 4 * 300 + 1, TokenType::uint16);
  write_tokens("b", 4 * 200 + 1, TokenType::uint16);
  const auto joined = join({"a", "b"});
  std::vector<uint64_t> ids;
  for (uint64_t i = 0; i < joined->sample_count(); ++i)
    ids.push_back(i * 7 % joined->sample_count());
  std::vector<Location> locations(ids.size());
  joined->locate_all(ids, locations);
  for (size_t i = 0; i < ids.size(); ++i) {
    const Location one = joined->locate(ids[i]);
    ASSERT_EQ(locations[i].file_index, one.file_index);
    ASSERT_EQ(locations[i].computed.offset_bytes, one.computed.offset_bytes);
  }
}

TEST_F(JoinedDatasetTest, another_order_of_parts_is_another_data_set) {
  write_tokens("a", 9, TokenType::uint16);
  write_tokens("b", 13, TokenType::uint16);
  EXPECT_NE(join({"a", "b"})->fingerprint(), join({"b", "a"})->fingerprint());
  EXPECT_EQ(join({"a", "b"})->fingerprint(), join({"a", "b"})->fingerprint());
}

TEST_F(JoinedDatasetTest, refuses_tokens_of_two_types_and_tokens_beside_pictures) {
  write_tokens("a", 9, TokenType::uint16);
  write_tokens("b", 9, TokenType::int32);
  write_tar("c.tar", {{"0.jpg", "zero"}});
  EXPECT_THAT(refusal({"a", "b"}), HasSubstr("it has 4 tokens of signed 4 bytes a sample"));
  EXPECT_THAT(refusal({"a", "c.tar"}), HasSubstr("it has no tokens"));
}

TEST_F(JoinedDatasetTest, refuses_trees_whose_class_numbers_mean_different_things) {
  write_tree("a", {"cat", "dog"});
  write_tree("b", {"cat", "eel"});
  write_tree("c", {"cat", "dog"});
  EXPECT_THAT(refusal({"a", "b"}), HasSubstr("class 1 is \"eel\" here and \"dog\" in the first"));
  EXPECT_THAT(join({"a", "c"})->class_names(), ElementsAre("cat", "dog"));
}

}  // namespace
}  // namespace headrace::formats

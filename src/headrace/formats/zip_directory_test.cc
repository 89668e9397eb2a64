// Members as they lie, and what an archive may not be; npz_test flips each of its bits.
#include "headrace/formats/zip_directory.h"

#include <gmock/gmock.h>

#include "headrace/formats/zip_builder.h"

namespace headrace::formats {
namespace {

using testing::HasSubstr;

std::string zip_refusal(const std::string& file) {
  const auto members = read_zip_directory(memory_source(bytes_of(file)));
  return members ? "" : members.error().what;
}

std::string with(std::string file, std::string_view mark, size_t offset, char value) {
  file[file.rfind(mark) + offset] = value;
  return file;
}

TEST(ZipDirectory, members_are_found_behind_a_comment_too) {
  std::string file = ZipBuilder().add("a", "first").add("b/c", "second", true).finished();
  file[file.size() - 2] = 7;
  file += "comment";
  const auto members = read_zip_directory(memory_source(bytes_of(file)));
  ASSERT_TRUE(members) << members.error().what;
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ(file.substr((*members)[0].offset_bytes, (*members)[0].packed_bytes), "first");
  EXPECT_EQ((*members)[1].name, "b/c");
  EXPECT_TRUE((*members)[1].is_deflated);
  EXPECT_EQ((*members)[1].size_bytes, 6U);
}

TEST(ZipDirectory, encrypted_foreign_and_cut_ones_are_refused) {
  const std::string file = ZipBuilder().add("a", "first").finished();
  EXPECT_EQ(zip_refusal(file), "");
  EXPECT_THAT(zip_refusal(with(file, "PK\x01\x02", 8, 1)), HasSubstr("encrypted"));
  EXPECT_THAT(zip_refusal(with(file, "PK\x01\x02", 10, 12)), HasSubstr("method 12"));
  EXPECT_THAT(zip_refusal(with(file, "PK\x01\x02", 42, 9)), HasSubstr("wanted there"));
  EXPECT_THAT(zip_refusal(with(file, "PK\x05\x06", 8, 2)), HasSubstr("cut short"));
  EXPECT_THAT(zip_refusal(""), HasSubstr("no directory"));
  ZipBuilder many;
  for (int i = 0; i < 65; ++i) many.add(std::to_string(i), "x");
  EXPECT_THAT(zip_refusal(many.finished()), HasSubstr("65 members"));
}

}  // namespace
}  // namespace headrace::formats

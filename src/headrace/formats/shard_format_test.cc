// What scanners share: recognition, sorted fields, comparison with a record.
#include "headrace/formats/shard_format.h"

#include <gtest/gtest.h>

#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

TEST(ShardFormat, a_file_is_known_by_its_bytes_and_a_folders_files_by_their_names) {
  const std::string tar = TarBuilder().add("1.jpg", "x").finished();
  ASSERT_NE(recognize(memory_source(bytes_of(tar))), nullptr);
  EXPECT_EQ(recognize(memory_source(bytes_of(tar)))->name, "webdataset");
  EXPECT_EQ(recognize(memory_source(bytes_of(std::string(4096, 'x')))), nullptr);
  EXPECT_EQ(recognize(memory_source({})), nullptr);
  EXPECT_EQ(named_format("a.tar")->name, "webdataset");
  EXPECT_EQ(named_format("a.tar.hrx"), nullptr);
}

TEST(ShardFormat, fields_are_kept_sorted_and_come_once) {
  ScannedSample sample;
  EXPECT_TRUE(insert_field(sample, "b", {}));
  EXPECT_TRUE(insert_field(sample, "a", {}));
  EXPECT_FALSE(insert_field(sample, "b", {}));
  EXPECT_EQ(sample.fields[0].first, "a");
}

TEST(ShardFormat, a_sample_agrees_with_a_record_that_has_its_fields) {
  ScannedSample sample;
  insert_field(sample, "a", {.offset_bytes = 5, .length_bytes = 2, .checksum = 9});
  const std::array wide{FieldExtent{}, FieldExtent{.offset_bytes = 5, .length_bytes = 2}};
  EXPECT_TRUE(agrees(sample, wide));
  EXPECT_FALSE(agrees(sample, std::span(wide).first(1)));
  EXPECT_FALSE(agrees(sample, std::array{FieldExtent{5, 2, 8}})) << "another checksum";
  EXPECT_FALSE(agrees(sample, std::array{FieldExtent{5, 3, 9}}));
}

TEST(ShardFormat, a_file_that_shrank_says_where) {
  std::array<std::byte, 8> target;
  const auto read = read_fully(memory_source(std::as_bytes(std::span("12345", 5))), target, 2);
  EXPECT_EQ(read.error().offset_bytes, 5U);
}

}  // namespace
}  // namespace headrace::formats

// The schema's tree and the row groups' bounds.
#include "headrace/formats/parquet_footer.h"

#include <gtest/gtest.h>

#include "headrace/formats/tar_builder.h"
#include "headrace/formats/thrift_writer.h"

namespace headrace::formats {
namespace {

// A footer with columns image.bytes (optional in optional), tags (repeated) and label.
std::string file(int64_t page_offset, int64_t page_length, int children = 3) {
  ThriftWriter out;
  out.enter();
  out.begin_list(2, ThriftWriter::Item::structure, 5);
  const auto element = [&](int type, int repetition, std::string_view name, int child_count) {
    out.enter();
    if (type >= 0) out.i32(1, type);
    out.i32(3, repetition);
    out.text(4, name);
    if (child_count > 0) out.i32(5, child_count);
    out.end_struct();
  };
  element(-1, 0, "schema", children);
  element(-1, 1, "image", 1);
  element(6, 1, "bytes", 0);
  element(6, 2, "tags", 0);
  element(2, 0, "label", 0);
  out.begin_list(4, ThriftWriter::Item::structure, 1);
  out.enter();
  out.begin_list(1, ThriftWriter::Item::structure, 3);
  for (int i = 0; i < 3; ++i) {
    out.enter();
    out.begin_struct(3);
    out.i32(4, 0);
    out.i64(5, 1);
    out.i64(7, page_length);
    out.i64(9, page_offset);
    out.end_struct();
    out.end_struct();
  }
  out.i64(3, 1);
  out.end_struct();
  out.end_struct();
  const auto& bytes = out.bytes();
  const auto length = static_cast<uint32_t>(bytes.size());
  std::string text = "PAR1pages";
  text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  text.append(reinterpret_cast<const char*>(&length), 4);
  return text + "PAR1";
}
std::expected<ParquetFooter, ScanFailure> read(const std::string& text) {
  ByteWindow window(memory_source(bytes_of(text)));
  return read_parquet_footer(window);
}

TEST(ParquetFooter, columns_are_the_leaves_by_their_paths) {
  const auto footer = read(file(4, 5));
  ASSERT_TRUE(footer) << footer.error().what;
  ASSERT_EQ(footer->columns.size(), 3U);
  EXPECT_EQ(footer->columns[0].name, "image.bytes");
  EXPECT_EQ(footer->columns[0].level_max, 2U);
  EXPECT_TRUE(footer->columns[1].is_repeated());
  EXPECT_EQ(footer->columns[2].type, ParquetType::int64);
  EXPECT_EQ(footer->columns[2].level_max, 0U);
  EXPECT_EQ(footer->row_groups.at(0).chunks.at(2).length_bytes, 5U);
}

TEST(ParquetFooter, pages_outside_the_file_and_schemas_that_are_no_tree_are_refused) {
  EXPECT_FALSE(read(file(4, 6)));
  EXPECT_FALSE(read(file(-1, 5)));
  EXPECT_FALSE(read(file(INT64_MAX, INT64_MAX)));
  EXPECT_FALSE(read(file(4, 5, 4))) << "more children than there are";
  EXPECT_FALSE(read("PAR1PAR1"));
  EXPECT_FALSE(read(""));
}

TEST(ParquetFooter, codecs_have_names) { EXPECT_STREQ(name_of(ParquetCodec::zstd), "zstd"); }

}  // namespace
}  // namespace headrace::formats

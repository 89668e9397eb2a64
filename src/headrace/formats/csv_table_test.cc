// Cells as spreadsheets and pandas write them, and texts that are none.
#include "headrace/formats/csv_table.h"

#include <gmock/gmock.h>

namespace headrace::formats {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(CsvTable, quotes_line_ends_and_a_byte_order_mark_are_taken_off) {
  const auto table = parse_csv(
      "\xef\xbb\xbf"
      "a,\"b \"\"c\"\"\",d\r\n1,\"x,\ny\",\r\n\r\n,2,3");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_THAT(table->names, ElementsAre("a", "b \"c\"", "d"));
  ASSERT_EQ(table->rows.size(), 2U);
  EXPECT_THAT(table->rows[0], ElementsAre("1", "x,\ny", ""));
  EXPECT_THAT(table->rows[1], ElementsAre("", "2", "3"));
  EXPECT_EQ(table->row_offsets_bytes[1], 31U);
}

TEST(CsvTable, uneven_rows_and_open_quotes_are_told_with_their_place) {
  EXPECT_THAT(parse_csv("").error().what, HasSubstr("empty"));
  EXPECT_THAT(parse_csv("a,b\n1\n").error().what, HasSubstr("row 1 has 1 cells for 2"));
  EXPECT_EQ(parse_csv("a,b\n1,2\n3\n").error().offset_bytes, 8U);
  EXPECT_THAT(parse_csv("a\n\"1").error().what, HasSubstr("not closed"));
  EXPECT_THAT(parse_csv("a\n\"1\"x\n").error().what, HasSubstr("behind a closing quote"));
}

TEST(CsvTable, every_flipped_bit_and_every_cut_ends_with_rows_as_long_as_the_names) {
  const std::string text = "name,\"a \"\"b\"\"\",n\n\"x, y\",2,3\r\nz,,5\n";
  size_t refused_count = 0;
  const auto read = [&](const std::string& damaged) {
    const auto table = parse_csv(damaged);
    if (!table) return ++refused_count, void();
    for (const auto& row : table->rows) EXPECT_EQ(row.size(), table->names.size()) << damaged;
  };
  for (size_t at = 0; at < text.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[at] = static_cast<char>(flipped[at] ^ (1 << bit));
      read(flipped);
    }
    read(text.substr(0, at));
  }
  EXPECT_GT(refused_count, text.size() / 2);
}

}  // namespace
}  // namespace headrace::formats

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

}  // namespace
}  // namespace headrace::formats

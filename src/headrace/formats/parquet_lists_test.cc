// Rows of lists from levels, as the format's own paper writes them.
#include "headrace/formats/parquet_lists.h"

#include <gmock/gmock.h>

#include "headrace/formats/index.h"

namespace headrace::formats {
namespace {

using testing::ElementsAre;

FieldExtent number(int64_t value) {
  return {.offset_bytes = static_cast<uint64_t>(value), .length_bytes = k_inline};
}

// Each row as "json:..." or the bytes of its elements; "none" where it has no list.
std::vector<std::string> gathered(const ParquetColumn& column,
                                  const std::vector<FieldExtent>& elements,
                                  const ParquetLevels& levels, std::string_view decoded = {}) {
  std::vector<std::byte> bytes;
  const auto lists =
      gather_parquet_lists(column, elements, levels, std::as_bytes(std::span(decoded)), bytes);
  if (!lists) return {lists.error()};
  std::vector<std::string> rows;
  for (const ParquetList& list : *lists) {
    if (list.extent.length_bytes == k_absent) {
      rows.emplace_back("none");
      continue;
    }
    const auto row = std::span(bytes).subspan(list.extent.offset_bytes, list.extent.length_bytes);
    rows.push_back(list.is_json ? "json:" : "");
    rows.back().append(reinterpret_cast<const char*>(row.data()), row.size());
  }
  return rows;
}

// An optional list of optional elements.
ParquetColumn list_column(ParquetType type, const char* ending) {
  return {.name = "x",
          .type = type,
          .level_max = 3,
          .list_levels = {2},
          .field_name = std::string("x.") + ending};
}

TEST(ParquetLists, a_row_is_its_numbers_or_empty_or_nothing) {
  const ParquetColumn column = list_column(ParquetType::int32, "i32");
  const ParquetLevels levels{.definition = {3, 3, 1, 0, 3}, .repetition = {0, 1, 0, 0, 0}};
  EXPECT_THAT(gathered(column, {number(1), number(-1), {}, {}, number(258)}, levels),
              ElementsAre(std::string("\1\0\0\0\xff\xff\xff\xff", 8), "", "none",
                          std::string("\2\1\0\0", 4)));
}

TEST(ParquetLists, a_null_among_elements_makes_the_row_json) {
  const ParquetColumn column = list_column(ParquetType::int64, "i64");
  const ParquetLevels levels{.definition = {3, 2, 3}, .repetition = {0, 1, 1}};
  EXPECT_THAT(gathered(column, {number(1), {}, number(-3)}, levels),
              ElementsAre("json:[1,null,-3]"));
}

TEST(ParquetLists, strings_have_their_lengths_before_them) {
  const ParquetColumn column = list_column(ParquetType::bytes, "strings");
  const std::string decoded = "ab" + std::string(200, 'c');
  const ParquetLevels levels{.definition = {3, 3}, .repetition = {0, 1}};
  const std::vector<FieldExtent> elements = {{.offset_bytes = 0, .length_bytes = 2},
                                             {.offset_bytes = 2, .length_bytes = 200}};
  EXPECT_THAT(gathered(column, elements, levels, decoded), ElementsAre("\x0a\x02"
                                                                       "ab\x0a\xc8\x01" +
                                                                       std::string(200, 'c')));
  const ParquetLevels with_null{.definition = {3, 2}, .repetition = {0, 1}};
  EXPECT_THAT(gathered(column, {{.offset_bytes = 0, .length_bytes = 2}, {}}, with_null, "a\""),
              ElementsAre("json:[\"a\\u0022\",null]"));
}

TEST(ParquetLists, lists_of_lists_are_json_with_their_empty_and_absent_ones) {
  const ParquetColumn column{.name = "x",
                             .type = ParquetType::int32,
                             .level_max = 5,
                             .list_levels = {2, 4},
                             .field_name = "x.i32"};
  const std::vector<FieldExtent> elements = {number(1), number(2), number(3), {},
                                             {},        number(4), {},        {}};
  const ParquetLevels levels{.definition = {5, 5, 5, 3, 2, 5, 1, 0},
                             .repetition = {0, 2, 1, 1, 1, 2, 0, 0}};
  ParquetLevels sound = levels;
  sound.repetition[5] = 1;
  EXPECT_THAT(gathered(column, elements, sound),
              ElementsAre("json:[[1,2],[3],[],null,[4]]", "json:[]", "none"));
}

TEST(ParquetLists, levels_that_no_writer_makes_are_refused) {
  const ParquetColumn column = list_column(ParquetType::int32, "i32");
  EXPECT_THAT(gathered(column, {number(1)}, {.definition = {3}, .repetition = {1}}),
              ElementsAre("its first list has no beginning"));
  EXPECT_THAT(
      gathered(column, {number(1), number(2)}, {.definition = {3, 3}, .repetition = {0, 2}}),
      ElementsAre("an element lies deeper than its lists"));
}

}  // namespace
}  // namespace headrace::formats

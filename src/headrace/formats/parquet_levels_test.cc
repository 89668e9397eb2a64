// Levels and indexes: runs, packed groups, and streams that lie.
#include "headrace/formats/parquet_levels.h"

#include <gmock/gmock.h>

#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using std::string_literals::operator""s;
using testing::ElementsAre;
using testing::Optional;

TEST(ParquetLevels, runs_and_packed_groups_are_decoded_in_turn) {
  // A run of five 1s, then eight packed bits, lowest first.
  EXPECT_THAT(decode_parquet_levels(bytes_of("\x0a\x01\x03\x05"s), 1, 9),
              Optional(ElementsAre(1, 1, 1, 1, 1, 1, 0, 1, 0)));
  // Eight numbers of three bits, 0 to 7: the example of the format's own page.
  EXPECT_THAT(decode_parquet_levels(bytes_of("\x03\x88\xc6\xfa"s), 3, 8),
              Optional(ElementsAre(0, 1, 2, 3, 4, 5, 6, 7)));
  EXPECT_THAT(decode_parquet_levels(bytes_of("\x04\x34\x12"s), 13, 2),
              Optional(ElementsAre(0x1234, 0x1234)));
  EXPECT_THAT(decode_parquet_levels({}, 3, 0), Optional(ElementsAre()));
}

TEST(ParquetLevels, numbers_that_are_not_there_are_refused) {
  EXPECT_FALSE(decode_parquet_levels(bytes_of("\x0a"s), 1, 5));
  EXPECT_FALSE(decode_parquet_levels(bytes_of("\x0a\x01"s), 1, 6));
  EXPECT_FALSE(decode_parquet_levels(bytes_of("\x03\x88\xc6"s), 3, 8));
  EXPECT_FALSE(decode_parquet_levels(bytes_of("\x00\x01"s), 1, 1)) << "a run of none";
  EXPECT_FALSE(decode_parquet_levels(bytes_of("\xff\xff\xff\xff\xff\xff\x01"s), 1, 1));
}

}  // namespace
}  // namespace headrace::formats

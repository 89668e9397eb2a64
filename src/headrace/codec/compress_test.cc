// What goes in comes out, at every level, and fields of text come out smaller.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "headrace/base/temp_folder.h"
#include "headrace/codec/codec.h"

namespace headrace::codec {
namespace {

void expect_round_trip(Kind kind, const std::string& text, int level) {
  const auto packed = compressed(kind, bytes_of(text), level);
  const auto made = decompressed(kind, packed, size_t{64} << 20);
  ASSERT_TRUE(made) << name_of(kind) << " " << text.size() << ": " << made.error();
  EXPECT_TRUE(std::ranges::equal(*made, bytes_of(text))) << name_of(kind) << " " << level;
  EXPECT_EQ(kind_of(packed), kind == Kind::snappy ? Kind::none : kind);
  EXPECT_LT(packed.size(), std::max<size_t>(text.size(), 64));
}

TEST(Compress, gives_back_what_it_packed_whatever_its_size_and_level) {
  std::string text;
  while (text.size() < (size_t{5} << 20)) text += "count " + std::to_string(text.size()) + "; ";
  for (const Kind kind : {Kind::zstd, Kind::lz4, Kind::gzip, Kind::snappy}) {
    const auto level = *level_of(kind);
    for (const size_t size : {size_t{0}, size_t{1}, size_t{100}, size_t{70000}, text.size()}) {
      expect_round_trip(kind, text.substr(0, size), level.standard);
    }
    for (const int at : {level.least, level.most})
      expect_round_trip(kind, text.substr(0, 70000), at);
  }
}

TEST(Compress, only_kinds_that_have_levels_are_written) {
  for (const Kind kind : {Kind::none, Kind::snappy_block, Kind::lz4_block})
    EXPECT_FALSE(level_of(kind));
}

}  // namespace
}  // namespace headrace::codec

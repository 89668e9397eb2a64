// Values of every type, and every way in which bytes are none.
#include "headrace/formats/thrift_compact.h"

#include <gtest/gtest.h>

#include <string>

#include "headrace/formats/tar_builder.h"

namespace headrace::formats {
namespace {

using std::string_literals::operator""s;

TEST(ThriftCompact, reads_values_of_every_type) {
  // 1: i32 -3; 2: string "ab"; 4: true; 5: list of i64 [1, 300]; 30: struct { 1: i16 7 }
  const std::string text =
      "\x15\x05\x18\x02"
      "ab"
      "\x21\x19\x26\x02\xd8\x04\x0c\x3c\x14\x0e\x00\x00"
      "rest"s;
  const auto parsed = parse_thrift(bytes_of(text));
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(parsed->size_bytes, text.size() - 4);
  EXPECT_EQ(parsed->value.integer_or(1, 0), -3);
  EXPECT_EQ(parsed->value.field(2)->text(), "ab");
  EXPECT_EQ(parsed->value.integer_or(4, 0), 1);
  EXPECT_EQ(parsed->value.field(5)->items.at(1).integer, 300);
  EXPECT_EQ(parsed->value.field(30)->integer_or(1, 0), 7);
  EXPECT_EQ(parsed->value.field(3), nullptr);
  EXPECT_EQ(parsed->value.integer_or(3, 9), 9);
}

TEST(ThriftCompact, bytes_cut_at_any_place_are_refused) {
  const std::string text =
      "\x15\x05\x18\x02"
      "ab"
      "\x21\x19\x26\x02\xd8\x04\x0c\x3c\x14\x0e\x00\x00"s;
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_thrift(bytes_of(text).first(size))) << size;
  }
}

TEST(ThriftCompact, refuses_depth_length_and_types_without_bound) {
  EXPECT_FALSE(parse_thrift(bytes_of(std::string(1000, '\x1c')))) << "structs in structs";
  EXPECT_FALSE(parse_thrift(bytes_of(std::string(1000, '\x19')))) << "lists of lists";
  EXPECT_FALSE(parse_thrift(bytes_of("\x18\xff\xff\xff\xff\xff\xff\xff\xff\x7f"s)));
  EXPECT_FALSE(parse_thrift(bytes_of("\x19\xf5\xff\xff\xff\xff\xff\x7f"s)));
  EXPECT_FALSE(parse_thrift(bytes_of("\x1b\x00\x00"s))) << "a map";
  EXPECT_FALSE(parse_thrift(bytes_of("\x15"s + std::string(11, '\xff'))));
}

}  // namespace
}  // namespace headrace::formats

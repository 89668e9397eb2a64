// Fields of each type, and every way in which a message is none.
#include "headrace/base/protobuf_wire.h"

#include <gtest/gtest.h>

#include <string_view>

#include "headrace/base/temp_folder.h"

namespace headrace {
namespace {

using std::string_view_literals::operator""sv;

TEST(ProtobufWire, reads_fields_of_every_type) {
  WireReader reader(
      bytes_of("\x08\x96\x01\x12\x03"
               "abc"
               "\x1d\x01\x02\x03\x04"
               "\x21\x01\x02\x03\x04\x05\x06\x07\x08"sv));
  const auto number = reader.next();
  EXPECT_EQ((*number)->number, 1U);
  EXPECT_EQ((*number)->value, 150U);
  const auto text = reader.next();
  EXPECT_EQ((*text)->number, 2U);
  EXPECT_EQ((*text)->bytes.size(), 3U);
  EXPECT_EQ((*reader.next())->bytes.size(), 4U);
  EXPECT_EQ((*reader.next())->bytes.size(), 8U);
  EXPECT_FALSE(*reader.next());
}

TEST(ProtobufWire, reads_packed_numbers_up_to_64_bits) {
  WireReader reader(bytes_of("\x00\x7f\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv));
  EXPECT_EQ(reader.varint(), 0U);
  EXPECT_EQ(reader.varint(), 127U);
  EXPECT_EQ(reader.varint(), 128U);
  EXPECT_EQ(reader.varint(), UINT64_MAX);
  EXPECT_TRUE(reader.at_end());
}

TEST(ProtobufWire, refuses_what_is_no_message) {
  for (const std::string_view bad :
       {"\x08"sv, "\x08\x80"sv, "\x12"sv,
        "\x12\x05"
        "abcd"sv,
        "\x12\xff\xff\xff\xff\xff\x7f"sv, "\x1d\x01\x02\x03"sv, "\x21\x01"sv, "\x0b"sv, "\x0c"sv,
        "\x0e"sv, "\x00\x01"sv, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"sv,
        "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv}) {
    EXPECT_FALSE(WireReader(bytes_of(bad)).next().has_value()) << bad;
  }
}

}  // namespace
}  // namespace headrace

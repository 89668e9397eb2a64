// Decimal text to integers, and every way in which it is none.
#include "headrace/ops/integer.h"

#include <gtest/gtest.h>

#include <string_view>

#include "headrace/base/endian.h"

namespace headrace::ops {
namespace {

template <typename T>
std::expected<T, Failure> parse(std::string_view text) {
  const Integer op({.type = sizeof(T) == 8 ? Type::int64 : Type::int32});
  std::byte row[sizeof(T)];
  const auto scratch = op.make_scratch();
  const auto done = op.run(std::as_bytes(std::span(text)), {}, *scratch, row);
  if (!done) return std::unexpected(done.error());
  return load_le<T>(row);
}

TEST(Integer, reads_decimal_numbers) {
  EXPECT_EQ(parse<int64_t>("0"), 0);
  EXPECT_EQ(parse<int64_t>("-17"), -17);
  EXPECT_EQ(parse<int64_t>("007\n"), 7);
  EXPECT_EQ(parse<int32_t>("999\r\n"), 999);
}

TEST(Integer, reads_the_whole_range_and_refuses_what_is_beyond) {
  EXPECT_EQ(parse<int64_t>("-9223372036854775808"), INT64_MIN);
  EXPECT_EQ(parse<int32_t>("2147483647"), INT32_MAX);
  EXPECT_STREQ(parse<int32_t>("2147483648").error().what, "integer does not fit the type");
  EXPECT_FALSE(parse<int64_t>("9223372036854775808").has_value());
}

TEST(Integer, names_the_offset_of_the_first_wrong_byte) {
  EXPECT_EQ(parse<int64_t>("12x").error().offset_bytes, 2u);
  EXPECT_EQ(parse<int64_t>("1.0").error().offset_bytes, 1u);
  EXPECT_EQ(parse<int64_t>("x").error().offset_bytes, 0u);
}

TEST(Integer, refuses_what_is_no_number) {
  using std::string_view_literals::operator""sv;
  for (const std::string_view text : {""sv, "-"sv, "+5"sv, " 5"sv, "5 "sv, "\n"sv, "5\n\n"sv,
                                      "5\0"sv, "0x10"sv, "1e3"sv, "5\n\r"sv}) {
    EXPECT_FALSE(parse<int64_t>(text).has_value()) << '"' << text << '"';
  }
}

}  // namespace
}  // namespace headrace::ops

// Every way in which a data set stores an array, and what it may be declared as.
#include "headrace/ops/array.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "headrace/base/error.h"

namespace headrace::ops {
namespace {

using codec::Elements;
using testing::ElementsAre;

template <typename T>
std::string packed(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

struct Result {
  std::string error = {};
  bool is_missing = false;
  uint64_t offset_bytes = 0;
  std::string row = {};
  int64_t length = -1;
  template <typename T>
  std::vector<T> as() const {
    std::vector<T> values(row.size() / sizeof(T));
    std::memcpy(values.data(), row.data(), row.size());
    return values;
  }
};

Result made(const ArrayOptions& options, std::string_view text, const codec::Stored& stored = {}) {
  const Array op(options);
  const ArrayLength length(options);
  const auto scratch = op.make_scratch();
  const auto bytes = std::as_bytes(std::span(text));
  std::vector<std::byte> row(op.output().row_bytes(), std::byte{0xee});
  const auto done = op.run(bytes, {.stored = stored}, *scratch, row);
  Result result;
  if (!done) {
    result.error = done.error().what;
    result.is_missing = done.error().is_missing;
    result.offset_bytes = done.error().offset_bytes;
    return result;
  }
  result.row.assign(reinterpret_cast<const char*>(row.data()), row.size());
  std::vector<std::byte> number(8);
  EXPECT_TRUE(length.run(bytes, {.stored = stored}, *scratch, number));
  std::memcpy(&result.length, number.data(), 8);
  return result;
}

TEST(Array, a_shorter_list_is_filled_up_and_its_length_said) {
  const ArrayOptions options{.type = Type::int32, .length_max = 4, .fill = -1};
  const Result result = made(options, packed<int64_t>({7, -8}), {.elements = Elements::i64});
  EXPECT_THAT(result.as<int32_t>(), ElementsAre(7, -8, -1, -1));
  EXPECT_EQ(result.length, 2);
  EXPECT_EQ(made(options, "", {.elements = Elements::i64}).length, 0);
}

TEST(Array, a_longer_list_is_cut_or_refused) {
  ArrayOptions options{.type = Type::int64, .length_max = 2};
  EXPECT_THAT(made(options, "[1, 2, 3]").as<int64_t>(), ElementsAre(1, 2));
  EXPECT_EQ(made(options, "[1, 2, 3]").length, 2);
  options.cut = false;
  EXPECT_EQ(made(options, "[1, 2, 3]").error, "it is longer than the field's max_length");
}

TEST(Array, json_is_flat_or_nested_as_the_shape_says) {
  const ArrayOptions boxes{.type = Type::float32, .shape = {2}, .length_max = 3};
  const auto all = ElementsAre(1, 2.5, 3, 4, 0, 0);
  EXPECT_THAT(made(boxes, "[[1, 2.5], [3, 4]]").as<float>(), all);
  EXPECT_THAT(made(boxes, "[1, 2.5, 3, 4]").as<float>(), all);
  EXPECT_EQ(made(boxes, "[[1, 2.5], [3, 4]]").length, 2);
  EXPECT_EQ(made(boxes, "[[1, 2], [3]]").error, "it has another shape");
  EXPECT_EQ(made(boxes, "[[1, 2], 3]").error, "it has another shape");
  EXPECT_EQ(made(boxes, "[1, [2, 3], 4, 5]").error, "it has another shape");
  EXPECT_EQ(made(boxes, "[[[], []], [[], []]]").error, "it has another shape");
  EXPECT_EQ(made(boxes, "[[[1, 2], [3, 4]]]").error, "it has another shape");
  EXPECT_EQ(made(boxes, "[1, 2, 3]").error, "its elements do not fill the shape");
  EXPECT_EQ(made(boxes, "[1, 2").error, "it is no JSON and no number");
  const ArrayOptions fixed{.type = Type::uint8, .shape = {2, 2}};
  EXPECT_THAT(made(fixed, "[[1,2],[3,true]]").as<uint8_t>(), ElementsAre(1, 2, 3, 1));
  EXPECT_EQ(made(fixed, "[[1,2],[3,4],[5,6]]").error, "it has another shape");
  EXPECT_EQ(made(fixed, "[1,2,3]").error, "fewer elements than the shape asks for");
}

TEST(Array, a_number_is_a_scalar_and_a_list_of_one) {
  EXPECT_THAT(made({.type = Type::float32}, "-2.5").as<float>(), ElementsAre(-2.5));
  EXPECT_THAT(made({.type = Type::int64, .length_max = 2}, "7").as<int64_t>(), ElementsAre(7, 0));
}

TEST(Array, a_member_is_found_in_an_object_and_may_be_missing) {
  const ArrayOptions options{.type = Type::int64, .shape = {2}, .member = "objects.ids"};
  EXPECT_THAT(made(options, R"({"objects": {"ids": [4, 5]}})").as<int64_t>(), ElementsAre(4, 5));
  for (const char* text : {R"({"objects": {}})", R"({"objects": {"ids": null}})", "[1]"}) {
    EXPECT_TRUE(made(options, text).is_missing) << text;
  }
}

TEST(Array, a_null_element_is_missing_or_filled) {
  ArrayOptions options{.type = Type::float32, .shape = {2}, .fill = -1};
  EXPECT_TRUE(made(options, "[1, null]").is_missing);
  options.fills_nulls = true;
  EXPECT_THAT(made(options, "[1, null]").as<float>(), ElementsAre(1, -1));
}

TEST(Array, an_element_that_the_type_cannot_hold_is_refused_at_its_byte) {
  const ArrayOptions bytes{.type = Type::uint8, .length_max = 9};
  const Result result = made(bytes, packed<int32_t>({1, 255, 256}), {.elements = Elements::i32});
  EXPECT_EQ(result.error, "an element is not of the declared type");
  EXPECT_EQ(result.offset_bytes, 8u);
  const ArrayOptions whole{.type = Type::int64, .length_max = 9};
  EXPECT_NE(made(whole, packed<float>({1}), {.elements = Elements::f32}).error, "");
  EXPECT_NE(made(whole, "[1.5]").error, "");
  EXPECT_NE(made(whole, "[\"1\"]").error, "");
  EXPECT_NE(made(whole, packed<uint64_t>({~0ull}), {.elements = Elements::u64}).error, "");
  const ArrayOptions real{.type = Type::float32, .length_max = 9};
  EXPECT_EQ(made(real, packed<int32_t>({1 << 24}), {.elements = Elements::i32}).error, "");
  EXPECT_NE(made(real, packed<int32_t>({(1 << 24) + 1}), {.elements = Elements::i32}).error, "");
  EXPECT_NE(made(real, packed<int64_t>({INT64_MIN}), {.elements = Elements::i64}).error, "");
}

TEST(Array, floats_narrow_to_the_nearest_and_stay_nan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::string stored = packed<float>({1, nan, 1e9f, -2.5f});
  const Result half =
      made({.type = Type::float16, .shape = {4}}, stored, {.elements = Elements::f32});
  EXPECT_THAT(half.as<uint16_t>(), ElementsAre(0x3c00, 0x7e00, 0x7c00, 0xc100));
  const Result back =
      made({.type = Type::float32, .shape = {4}}, half.row, {.elements = Elements::f16});
  EXPECT_EQ(back.as<float>()[0], 1);
  EXPECT_TRUE(std::isnan(back.as<float>()[1]));
  EXPECT_TRUE(std::isinf(back.as<float>()[2]));
  EXPECT_EQ(back.as<float>()[3], -2.5f);
  const Result tiny = made({.type = Type::float32, .shape = {1}}, packed<uint16_t>({0x8001}),
                           {.elements = Elements::f16});
  EXPECT_EQ(tiny.as<float>()[0], -0x1p-24f);
  const Result brain =
      made({.type = Type::bfloat16, .shape = {4}}, stored, {.elements = Elements::f32});
  EXPECT_EQ(brain.as<uint16_t>()[0], 0x3f80);
  EXPECT_EQ(brain.as<uint16_t>()[1], 0x7fc0);
}

TEST(Array, packed_integers_of_protobuf_are_read) {
  const std::string stored = "\x01\xac\x02" + std::string(9, '\xff') + "\x01";
  const ArrayOptions options{.type = Type::int64, .length_max = 4};
  const Result result = made(options, stored, {.elements = Elements::varint});
  EXPECT_THAT(result.as<int64_t>(), ElementsAre(1, 300, -1, 0));
  EXPECT_EQ(result.length, 3);
  EXPECT_NE(made(options, "\x01\xac", {.elements = Elements::varint}).error, "");
  EXPECT_NE(made(options, std::string(12, '\xff') + "\x01", {.elements = Elements::varint}).error,
            "");
}

TEST(Array, strings_lie_in_rows_of_their_own_with_zeros_behind) {
  ArrayOptions options{.type = Type::uint8, .shape = {4}, .length_max = 3, .of_strings = true};
  const std::string two("ab\0\0cdef\0\0\0\0", 12);
  EXPECT_EQ(made(options,
                 "\x0a\x02"
                 "ab\x0a\x05"
                 "cdefg",
                 {.elements = Elements::strings})
                .row,
            two);
  EXPECT_EQ(made(options, R"(["ab", "cdefg"])").row, two);
  EXPECT_EQ(made(options, "ab").row, std::string("ab\0\0\0\0\0\0\0\0\0\0", 12));
  EXPECT_EQ(made(options, "ab").length, 1);
  EXPECT_NE(made(options, "[1, 2]").error, "");
  EXPECT_NE(made(options, "\x0a\x09oh", {.elements = Elements::strings}).error, "");
  EXPECT_NE(made(options, packed<float>({1}), {.elements = Elements::f32}).error, "");
  options.cut = false;
  EXPECT_EQ(made(options, R"(["abcde"])").error, "a string is longer than the shape says");
}

TEST(Array, options_that_fit_no_row_are_refused) {
  EXPECT_THROW(Array({.type = Type::uint8, .shape = {1 << 20, 1 << 20}}), Error);
  EXPECT_THROW(Array({.type = Type::uint8, .shape = {1}, .fill = -1}), Error);
  EXPECT_THROW(Array({.type = Type::int32, .shape = {1}, .fill = 0.5}), Error);
  EXPECT_THROW(Array({.type = Type::float32, .shape = {1}, .of_strings = true}), Error);
}

}  // namespace
}  // namespace headrace::ops

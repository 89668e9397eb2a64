// What is counted of an array before its elements are taken.
#include "headrace/ops/array_source.h"

#include <gtest/gtest.h>

namespace headrace::ops {
namespace {

using codec::Elements;
using namespace std::string_literals;

std::expected<OpenedArray, Failure> opened(const ArrayOptions& options, const std::string& bytes,
                                           const codec::Stored& stored = {}) {
  ArrayScratch scratch;
  return open_array(std::as_bytes(std::span(bytes)), stored, options, scratch);
}

TEST(ArraySource, a_stated_shape_must_be_the_declared_one) {
  const ArrayOptions options{.type = Type::int64, .shape = {3}, .length_max = 4};
  const codec::Stored shaped{.elements = Elements::i16, .is_shaped = true};
  const std::string numbers(12, 'x');
  EXPECT_EQ(opened(options, "\x08\x02\x03" + numbers, shaped)->length, 2u);
  EXPECT_STREQ(opened(options, "\x08\x03\x02" + numbers, shaped).error().what,
               "it has another shape");
  EXPECT_EQ(opened(options, "\x04\x06" + numbers, shaped)->length, 2u) << "a flat list fills it";
}

TEST(ArraySource, lengths_are_cut_to_what_is_kept) {
  const ArrayOptions options{.type = Type::int64, .shape = {2}, .length_max = 2};
  const auto long_one = opened(options, "[1,2,3,4,5,6]");
  EXPECT_EQ(long_one->length, 2u);
  EXPECT_EQ(long_one->element_count, 4u);
  EXPECT_TRUE(opened(options, "null").error().is_missing);
  EXPECT_TRUE(opened(options, "").error().is_missing);
  EXPECT_FALSE(opened(options, "[1,2,3]").error().is_missing);
}

TEST(ArraySource, strings_and_numbers_are_not_mixed_up) {
  const ArrayOptions strings{
      .type = Type::uint8, .shape = {4}, .length_max = 2, .of_strings = true};
  EXPECT_TRUE(opened(strings, "plain text")->is_lone_string);
  EXPECT_FALSE(opened(strings, "1234", {.elements = Elements::f32}));
  EXPECT_FALSE(opened({.type = Type::uint8, .length_max = 2},
                      "\x0a\x01"
                      "a",
                      {.elements = Elements::strings}));
}

}  // namespace
}  // namespace headrace::ops

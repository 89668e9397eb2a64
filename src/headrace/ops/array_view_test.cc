// Arrays that say their type and shape themselves, and how they lie about it.
#include "headrace/ops/array_view.h"

#include <gtest/gtest.h>

namespace headrace::ops {
namespace {

using codec::Elements;
using namespace std::string_literals;

const std::string k_twelve(12, 'x');

std::string view_error(const std::string& bytes, const codec::Stored& stored) {
  formats::NpyHead head;
  const auto view = view_array(std::as_bytes(std::span(bytes)), stored, head);
  return view ? "" : view.error().what;
}

ArrayView viewed(const std::string& bytes, const codec::Stored& stored) {
  formats::NpyHead head;
  return view_array(std::as_bytes(std::span(bytes)), stored, head).value();
}

TEST(ArrayView, of_mds_says_type_and_shape) {
  const ArrayView view = viewed("\x11\x08\x02\x03"s + k_twelve, {.elements = Elements::array});
  EXPECT_EQ(view.elements, Elements::i16);
  EXPECT_EQ(view.dimension_count, 2u);
  EXPECT_EQ(view.lengths[1], 3u);
  EXPECT_EQ(view.offset_bytes, 4u);
  const codec::Stored shaped{.elements = Elements::i16, .is_shaped = true};
  EXPECT_EQ(viewed("\x09\x02\x00\x03\x00"s + k_twelve, shaped).lengths[0], 2u);
  EXPECT_EQ(view_error("\x08\x03\x03"s + k_twelve, shaped), "its elements do not fill its shape");
  EXPECT_EQ(view_error("\x08\x03", shaped), "its shape is cut short");
  EXPECT_EQ(view_error("", shaped), "its shape is cut short");
  EXPECT_EQ(view_error("\x24"s + std::string(9, '\1') + "ab", shaped), "it has over 8 dimensions");
  EXPECT_NE(view_error("\x63"s + k_twelve, {.elements = Elements::array}), "");
  EXPECT_NE(view_error("", {.elements = Elements::array}), "");
  EXPECT_EQ(view_error("abc", {.elements = Elements::f32}), "its last element is cut short");
}

TEST(ArrayView, of_npy_is_known_by_its_bytes) {
  const auto npy = [](std::string head) {
    head.resize(0x36, ' ');
    return "\x93NUMPY\x01\x00\x36\x00"s + head;
  };
  const std::string body(32, 'x');
  const ArrayView view =
      viewed(npy("{'descr':'<f8','fortran_order':False,'shape':(2, 2)}") + body, {});
  EXPECT_EQ(view.elements, Elements::f64);
  EXPECT_EQ(view.offset_bytes, 64u);
  EXPECT_EQ(view.bytes.size(), 32u);
  for (const char* bad : {"{'descr':'>f8','fortran_order':False,'shape':(2, 2)}",
                          "{'descr':'<f8','fortran_order':True,'shape':(2, 2)}",
                          "{'descr':'<f8','fortran_order':False,'shape':(2, 3)}",
                          "{'descr':'<f8','fortran_order':False,'shape':(5,)}",
                          "{'descr':'|O','fortran_order':False,'shape':(4,)}", "{"}) {
    EXPECT_NE(view_error(npy(bad) + body, {}), "") << bad;
  }
}

TEST(ArrayView, other_bytes_are_text) {
  EXPECT_EQ(viewed("[1]", {}).elements, Elements::text);
  EXPECT_EQ(viewed("", {}).elements, Elements::text);
}

TEST(ArrayView, varints_are_counted_and_strings_taken) {
  const auto bytes = [](const std::string& text) { return std::as_bytes(std::span(text)); };
  EXPECT_EQ(count_varints(bytes("\x01\xac\x02")), 2u);
  EXPECT_EQ(count_varints(bytes("")), 0u);
  EXPECT_FALSE(count_varints(bytes("\x01\xac")));
  const std::string two =
      "\x0a\x01"
      "a\x0a\x00"s;
  auto left = bytes(two);
  EXPECT_EQ(next_string(left)->size(), 1u);
  EXPECT_EQ(next_string(left)->size(), 0u);
  EXPECT_FALSE(next_string(left));
  for (const std::string& bad : {"\x0a"s,
                                 "\x0a\x05"
                                 "ab"s,
                                 "\x12\x01"
                                 "a"s,
                                 "\x0a\xff\xff\xff\xff\xff\x01"s}) {
    left = bytes(bad);
    EXPECT_FALSE(next_string(left));
  }
}

}  // namespace
}  // namespace headrace::ops

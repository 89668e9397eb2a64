// Names to types and back.
#include "headrace/codec/elements.h"

#include <gtest/gtest.h>

namespace headrace::codec {
namespace {

TEST(Elements, a_name_says_how_its_numbers_lie_and_is_made_of_that_again) {
  for (const std::string_view name : {"boxes.f32", "ids.i64", "a.b.u8", "ids.varint",
                                      "words.strings", "x.ndarray", "x.ndi16", "plain", "a.b"}) {
    const TypedName known = typed_name(name);
    EXPECT_EQ(typed(known.name, known.stored), name);
  }
  EXPECT_EQ(typed_name("a.b.u8").name, "a.b");
  EXPECT_EQ(typed_name("a.b.u8").stored, Stored{.elements = Elements::u8});
  EXPECT_EQ(typed_name("x.ndi16").stored, (Stored{.elements = Elements::i16, .is_shaped = true}));
  EXPECT_EQ(typed_name("x.ndvarint").stored, Stored{});
  EXPECT_EQ(typed_name(".f32").stored, Stored{}) << "nothing is named so";
  EXPECT_EQ(typed_name("f32").stored, Stored{});
}

TEST(Elements, numpy_names_are_known) {
  EXPECT_EQ(elements_of("float64"), Elements::f64);
  EXPECT_EQ(size_of(elements_of("int16")), 2u);
  EXPECT_EQ(elements_of("complex64"), Elements::text);
  EXPECT_EQ(elements_of(""), Elements::text);
}

}  // namespace
}  // namespace headrace::codec

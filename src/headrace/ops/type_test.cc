// Element types and the bytes of a row.
#include <gtest/gtest.h>

#include "headrace/ops/op.h"

namespace headrace::ops {
namespace {

TEST(TensorSpec, multiplies_its_shape) {
  EXPECT_EQ((TensorSpec{Type::float32, {3, 224, 224}}.row_bytes()), 602112u);
  EXPECT_EQ((TensorSpec{Type::int64, {}}.row_bytes()), 8u);
  EXPECT_EQ((TensorSpec{Type::bfloat16, {5}}.row_bytes()), 10u);
}

TEST(Type, has_the_names_that_numpy_and_torch_use) {
  EXPECT_STREQ(name_of(Type::uint8), "uint8");
  EXPECT_STREQ(name_of(Type::bfloat16), "bfloat16");
  EXPECT_STREQ(numpy_name_of(Type::float32), "<f4");
  EXPECT_STREQ(numpy_name_of(Type::uint8), "|u1");
  EXPECT_EQ(numpy_name_of(Type::bfloat16), nullptr);
}

}  // namespace
}  // namespace headrace::ops

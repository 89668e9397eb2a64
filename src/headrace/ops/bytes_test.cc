// Raw bytes: exact arrays, padded and cut text.
#include "headrace/ops/bytes.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "headrace/base/error.h"

namespace headrace::ops {
namespace {

std::expected<std::string, Failure> run(const Bytes& op, std::string_view text) {
  std::string row(op.output().row_bytes(), '?');
  const auto scratch = op.make_scratch();
  const auto done =
      op.run(std::as_bytes(std::span(text)), {}, *scratch, std::as_writable_bytes(std::span(row)));
  if (!done) return std::unexpected(done.error());
  return row;
}

TEST(Bytes, copies_an_array_of_the_right_length) {
  const Bytes op({.type = Type::int32, .shape = {2}});
  EXPECT_EQ(run(op, "abcdefgh"), "abcdefgh");
}

TEST(Bytes, refuses_an_array_of_another_length) {
  const Bytes op({.type = Type::float16, .shape = {2, 2}});
  EXPECT_EQ(run(op, "abc").error().offset_bytes, 3u);
  EXPECT_EQ(run(op, "abcdefghi").error().offset_bytes, 8u);
  EXPECT_FALSE(run(op, "").has_value());
}

TEST(Bytes, pads_and_cuts_text) {
  const Bytes op({.shape = {4}, .pad = true, .padding = '.'});
  EXPECT_EQ(run(op, "ab"), "ab..");
  EXPECT_EQ(run(op, ""), "....");
  EXPECT_EQ(run(op, "abcdef"), "abcd");
}

TEST(Bytes, refuses_shapes_that_are_empty_or_too_large) {
  EXPECT_THROW(Bytes({.shape = {3, 0}}), Error);
  EXPECT_THROW(Bytes({.shape = {1u << 31}}), Error);
  EXPECT_THROW(Bytes({.type = Type::int64, .shape = {uint64_t{1} << 62, 4}}), Error);
}

}  // namespace
}  // namespace headrace::ops

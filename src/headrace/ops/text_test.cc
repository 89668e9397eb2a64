// Rows of ids; the ids themselves are the text room's.
#include "headrace/ops/text.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"
#include "headrace/text/small_tokenizer.h"

namespace headrace::ops {
namespace {

using testing::ElementsAre;

Text made(const TextOptions& options) {
  return {text::parse_tokenizer(text::small_tokenizer().dump(), "tokenizer.json"), options};
}

template <typename Out>
std::vector<Out> row_of(const TextOptions& options, std::string_view text) {
  const Text op = made(options);
  std::vector<Out> row(op.output().shape[0], 7);
  const auto scratch = op.make_scratch();
  const auto done =
      op.run(std::as_bytes(std::span(text)), {}, *scratch, std::as_writable_bytes(std::span(row)));
  EXPECT_TRUE(done) << done.error().what;
  return row;
}

TEST(Text, a_short_text_is_filled_up_and_a_long_one_is_cut) {
  EXPECT_THAT(row_of<int64_t>({.token_count = 4, .padding = 301}, "hello he"),
              ElementsAre(259, ' ', 256, 301));
  EXPECT_THAT(row_of<int32_t>({.token_count = 2, .type = Type::int32}, "hello he"),
              ElementsAre(259, ' '));
  EXPECT_THAT(row_of<int32_t>({.token_count = 2, .type = Type::int32}, ""), ElementsAre(0, 0));
}

TEST(Text, a_text_that_may_not_be_cut_fails) {
  const TextOptions options{.token_count = 2, .cut = false};
  EXPECT_THAT(row_of<int64_t>(options, "hello!"), ElementsAre(259, '!'));
  const Text op = made(options);
  std::vector<std::byte> row(op.output().row_bytes());
  const std::string_view text = "hello!!he";
  const auto done = op.run(std::as_bytes(std::span(text)), {}, *op.make_scratch(), row);
  ASSERT_FALSE(done);
  EXPECT_STREQ(done.error().what, "more tokens than the field's shape holds");
}

TEST(Text, other_types_and_empty_rows_are_refused) {
  EXPECT_THROW(made({.token_count = 0}), Error);
  EXPECT_THROW(made({.token_count = 8, .type = Type::float32}), Error);
}

}  // namespace
}  // namespace headrace::ops

// Tokens of every stored type, shifted, numbered and bounded.
#include "headrace/ops/tokens.h"

#include <gmock/gmock.h>

#include "headrace/base/error.h"

namespace headrace::ops {
namespace {

using testing::ElementsAre;

template <typename Out, typename Stored>
std::vector<Out> run(const TokensOptions& options, const std::vector<Stored>& tokens) {
  const Tokens op(options);
  std::vector<Out> row(op.output().shape[0]);
  const auto scratch = op.make_scratch();
  const auto done = op.run(std::as_bytes(std::span(tokens)), {}, *scratch,
                           std::as_writable_bytes(std::span(row)));
  EXPECT_TRUE(done) << done.error().what;
  return row;
}

TEST(Tokens, labels_are_the_ids_one_place_on) {
  const std::vector<uint16_t> tokens = {5, 65535, 7, 8};
  EXPECT_THAT(run<int64_t>({.sequence_tokens = 3}, tokens), ElementsAre(5, 65535, 7));
  EXPECT_THAT(run<int64_t>({.output = TokenOutput::labels, .sequence_tokens = 3}, tokens),
              ElementsAre(65535, 7, 8));
}

TEST(Tokens, every_stored_type_keeps_its_values) {
  const auto ids = [](auto tokens, uint32_t bytes, bool is_signed) {
    return run<int32_t>({.type = Type::int32,
                         .sequence_tokens = 2,
                         .source_bytes = bytes,
                         .source_is_signed = is_signed},
                        tokens);
  };
  EXPECT_THAT(ids(std::vector<uint8_t>{200, 1}, 1, false), ElementsAre(200, 1));
  EXPECT_THAT(ids(std::vector<int8_t>{-3, 1}, 1, true), ElementsAre(-3, 1));
  EXPECT_THAT(ids(std::vector<int16_t>{-300, 1}, 2, true), ElementsAre(-300, 1));
  EXPECT_THAT(ids(std::vector<int32_t>{1 << 30, -1}, 4, true), ElementsAre(1 << 30, -1));
  EXPECT_THAT(ids(std::vector<int64_t>{128'000, -1}, 8, true), ElementsAre(128'000, -1));
}

TEST(Tokens, positions_begin_anew_behind_an_end_token) {
  const std::vector<uint16_t> tokens = {4, 9, 0, 3, 0, 0, 8, 1};
  EXPECT_THAT(run<int64_t>({.output = TokenOutput::positions, .sequence_tokens = 7, .end_token = 0},
                           tokens),
              ElementsAre(0, 1, 2, 0, 1, 0, 0));
}

TEST(Tokens, boundaries_are_cumulative_and_end_with_the_sequence) {
  const TokensOptions options = {.output = TokenOutput::boundaries,
                                 .type = Type::int32,
                                 .sequence_tokens = 6,
                                 .end_token = 0,
                                 .boundary_count_max = 5};
  const std::vector<uint16_t> two = {4, 9, 0, 3, 0, 5};
  EXPECT_THAT(run<int32_t>(options, two), ElementsAre(0, 3, 5, 6, 6));
  const std::vector<uint16_t> last = {4, 9, 1, 3, 2, 0};  // the sequence's own end is no boundary
  EXPECT_THAT(run<int32_t>(options, last), ElementsAre(0, 6, 6, 6, 6));
}

TEST(Tokens, a_row_too_short_for_its_documents_and_a_short_sample_are_failures) {
  const auto failure = [](const TokensOptions& options, const std::vector<uint16_t>& tokens) {
    const Tokens op(options);
    std::vector<std::byte> row(op.output().row_bytes());
    Scratch scratch;
    const auto done = op.run(std::as_bytes(std::span(tokens)), {}, scratch, row);
    return done ? std::string() : std::string(done.error().what);
  };
  EXPECT_EQ(failure({.output = TokenOutput::boundaries,
                     .sequence_tokens = 6,
                     .end_token = 0,
                     .boundary_count_max = 3},
                    {1, 0, 1, 0, 1, 0}),
            "more documents in a sequence than the field's shape holds");
  EXPECT_EQ(failure({.output = TokenOutput::labels, .sequence_tokens = 2}, {1, 2}),
            "fewer tokens than the sequence needs");
  EXPECT_EQ(failure({.sequence_tokens = 2}, {1, 2}), "");
}

TEST(Tokens, refuses_options_that_make_no_row) {
  EXPECT_THROW(Tokens({.sequence_tokens = 0}), Error);
  EXPECT_THROW(Tokens({.type = Type::float32, .sequence_tokens = 4}), Error);
  EXPECT_THROW(Tokens({.output = TokenOutput::positions, .sequence_tokens = 4}), Error);
  EXPECT_THROW(Tokens({.output = TokenOutput::boundaries, .sequence_tokens = 4, .end_token = 1}),
               Error);
}

}  // namespace
}  // namespace headrace::ops

// The host twin of the token kernel against the operators' widening.
#include "headrace/kernels/tokens.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "headrace/ops/token_kernels.h"

namespace headrace::kernels {
namespace {

class TokenBatches : public testing::TestWithParam<uint32_t> {
 protected:
  TokenBatches() {
    std::mt19937 random(5);
    for (std::byte& byte : stored_) byte = static_cast<std::byte>(random());
  }
  template <typename Out, typename Widen>
  void expect_widened(TokenType type, Widen widen) {
    const uint32_t length = GetParam();
    const uint64_t starts[] = {3, 0, 1500};
    std::vector<Out> inputs(3 * length), labels(3 * length), expected(3 * length);
    const TokenBatch batch{.tokens = stored_.data() + 1,  // at an odd address
                           .starts = starts,
                           .row_count = 3,
                           .length = length,
                           .stored = type,
                           .wide = sizeof(Out) == 8,
                           .inputs = reinterpret_cast<std::byte*>(inputs.data()),
                           .labels = reinterpret_cast<std::byte*>(labels.data())};
    run_tokens(batch);
    const size_t size = type == TokenType::uint16 ? 2 : 4;
    for (const uint64_t later : {0, 1}) {
      for (size_t row = 0; row < 3; ++row) {
        widen(batch.tokens + (starts[row] + later) * size, length, expected.data() + row * length);
      }
      EXPECT_EQ(later == 0 ? inputs : labels, expected);
    }
  }
  std::vector<std::byte> stored_ = std::vector<std::byte>(1 + 4 * (1500 + 2100));
};

TEST_P(TokenBatches, are_what_the_operators_widen_with_labels_one_later) {
  using ops::widen_u16;
  expect_widened<int64_t>(TokenType::uint16,
                          [](auto from, auto count, int64_t* to) { widen_u16(from, count, to); });
  expect_widened<int32_t>(TokenType::uint16,
                          [](auto from, auto count, int32_t* to) { widen_u16(from, count, to); });
  expect_widened<int64_t>(TokenType::int32, ops::widen_i32);
  expect_widened<int32_t>(TokenType::int32, [](auto from, auto count, int32_t* to) {
    std::memcpy(to, from, count * sizeof(int32_t));
  });
}

INSTANTIATE_TEST_SUITE_P(of_all_lengths, TokenBatches, testing::Values(1, 1023, 1024, 1025, 2099));

TEST(TokenBatch, may_have_no_labels) {
  const std::byte stored[] = {std::byte{7}, std::byte{1}};
  const uint64_t start = 0;
  int32_t input = 0;
  run_tokens({.tokens = stored,
              .starts = &start,
              .row_count = 1,
              .length = 1,
              .wide = false,
              .inputs = reinterpret_cast<std::byte*>(&input)});
  EXPECT_EQ(input, 263);
}

}  // namespace
}  // namespace headrace::kernels

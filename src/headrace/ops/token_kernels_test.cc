// Every length around a vector, every value, odd addresses, and nothing written behind the end.
#include "headrace/ops/token_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <vector>

namespace headrace::ops {
namespace {

template <typename Stored, typename Out>
void check(const std::vector<Stored>& tokens, void (*widen)(const std::byte*, size_t, Out*)) {
  std::vector<std::byte> bytes(tokens.size() * sizeof(Stored) + 1);
  std::ranges::copy(std::as_bytes(std::span(tokens)), bytes.data() + 1);
  std::vector<Out> out(tokens.size() + 1, -7);
  widen(bytes.data() + 1, tokens.size(), out.data());
  for (size_t i = 0; i < tokens.size(); ++i) ASSERT_EQ(out[i], tokens[i]) << i;
  EXPECT_EQ(out.back(), -7);
}

TEST(TokenKernels, widen_every_value_and_any_count) {
  for (size_t count = 0; count < 70; ++count) {
    std::vector<uint16_t> shorts(count);
    std::vector<int32_t> words(count);
    for (size_t i = 0; i < count; ++i) {
      shorts[i] = static_cast<uint16_t>(65535 - i);
      words[i] = i % 2 == 0 ? static_cast<int32_t>(i) : -static_cast<int32_t>(i) * 30'000'000;
    }
    check<uint16_t, int64_t>(shorts, widen_u16);
    check<uint16_t, int32_t>(shorts, widen_u16);
    check<int32_t, int64_t>(words, widen_i32);
  }
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<uint16_t>(i);
  check<uint16_t, int64_t>(all, widen_u16);
  check<uint16_t, int32_t>(all, widen_u16);
}

}  // namespace
}  // namespace headrace::ops

// Rows of stored tokens gathered, widened and split into inputs and labels, in one launch.
// Thread safety: values and pure functions. Invariant: labels are the inputs one token later.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::kernels {

enum class TokenType : uint32_t { uint16, int32 };

// Pointers must be memory of who runs it: device or host. Row r is length + 1 tokens from
// starts[r] on (length, without labels), which whoever fills it in has held to the tokens there
// are.
struct TokenBatch {
  const std::byte* tokens = nullptr;  // little-endian, at any alignment
  const uint64_t* starts = nullptr;   // in tokens
  uint32_t row_count = 0;
  uint32_t length = 0;
  TokenType stored = TokenType::uint16;
  bool wide = true;  // int64, or int32
  std::byte* inputs = nullptr;
  std::byte* labels = nullptr;  // null = none
};

inline constexpr uint32_t k_token_threads = 256;
inline constexpr uint32_t k_tokens_a_block = 1024;
// The grid's x; its y is the rows.
inline uint32_t token_blocks(const TokenBatch& batch) {
  return (batch.length + k_tokens_a_block - 1) / k_tokens_a_block;
}
// The host twin: the kernel's own body.
void run_tokens(const TokenBatch& batch);

inline constexpr const char* k_token_kernel = "hr_tokens";

}  // namespace headrace::kernels

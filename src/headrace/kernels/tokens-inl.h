// The body of hr_tokens. A block makes k_tokens_a_block tokens of one row.
// Thread safety: pure but for its targets.
#pragma once

#include "headrace/kernels/block-inl.h"
#include "headrace/kernels/tokens.h"

namespace headrace::kernels {

HR_BOTH int64_t stored_token(const TokenBatch& batch, uint64_t index) {
  if (batch.stored == TokenType::uint16) {
    const std::byte* at = batch.tokens + 2 * index;
    return static_cast<int64_t>(at[0]) | static_cast<int64_t>(at[1]) << 8;
  }
  const std::byte* at = batch.tokens + 4 * index;
  uint32_t bits = 0;
  for (uint32_t i = 0; i < 4; ++i) bits |= static_cast<uint32_t>(at[i]) << 8 * i;
  return static_cast<int32_t>(bits);
}

HR_BOTH void write_token(const TokenBatch& batch, std::byte* target, uint64_t index,
                         int64_t token) {
  if (batch.wide) {
    reinterpret_cast<int64_t*>(target)[index] = token;
  } else {
    reinterpret_cast<int32_t*>(target)[index] = static_cast<int32_t>(token);
  }
}

HR_BOTH void make_tokens(const TokenBatch& batch, const Block& block) {
  const uint32_t begin = block.x * k_tokens_a_block;
  const uint32_t rest = batch.length - begin;
  const uint32_t count = rest < k_tokens_a_block ? rest : k_tokens_a_block;
  for (uint32_t i = block.thread; i < count; i += block.threads) {
    const uint64_t from = batch.starts[block.y] + begin + i;
    const uint64_t to = uint64_t{block.y} * batch.length + begin + i;
    write_token(batch, batch.inputs, to, stored_token(batch, from));
    if (batch.labels != nullptr) {
      write_token(batch, batch.labels, to, stored_token(batch, from + 1));
    }
  }
}

}  // namespace headrace::kernels

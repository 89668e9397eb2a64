// What became of an input that was packed as tokens, and how far it is. Thread safety: values.
#pragma once

#include <cstdint>
#include <functional>

#include "headrace/formats/token_index.h"

namespace headrace::pack {

struct PackedTokens {
  uint64_t file_count = 0;
  uint64_t document_count = 0;
  uint64_t token_count = 0;
  formats::TokenType type = formats::TokenType::uint16;
};

// Called after each piece, with bytes read so far and in all.
using PackTokensProgress = std::function<void(uint64_t, uint64_t)>;

}  // namespace headrace::pack

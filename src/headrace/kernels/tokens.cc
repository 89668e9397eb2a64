// The host twin.
#include "headrace/kernels/tokens.h"

#include "headrace/kernels/tokens-inl.h"

namespace headrace::kernels {

void run_tokens(const TokenBatch& batch) {
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    for (uint32_t x = 0; x < token_blocks(batch); ++x) {
      make_tokens(batch, {.x = x, .y = row});
    }
  }
}

}  // namespace headrace::kernels

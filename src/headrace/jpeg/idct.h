// DCT coefficients to samples, equal bit for bit to libjpeg-turbo's accurate integer transform
// (JDCT_ISLOW) in its SIMD form. Thread safety: pure functions.
// 1. Up to k_transform_slack_blocks blocks behind the last are read, and as many blocks' columns
//    behind the last are written.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::jpeg {

inline constexpr size_t k_transform_slack_blocks = 1;

// Blocks that stand side by side in one row of a plane.
struct BlockRow {
  const int16_t* coefficients = nullptr;  // 64 a block, natural order
  const uint8_t* used_counts = nullptr;   // in zigzag order up to the last that is not 0
  size_t block_count = 0;
  const int16_t* steps = nullptr;  // quantization, natural order
};

// False when a coefficient of a first row leaves what 8-bit pictures have (13 bits and sign).
bool transform(const BlockRow& row, uint8_t* target, size_t stride_bytes);

}  // namespace headrace::jpeg

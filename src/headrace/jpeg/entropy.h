// Huffman-coded MCUs to DCT coefficients, from bytes whose stuffing is already gone (unstuff.h).
// Thread safety: values; one decoder state per thread.
// 1. Reading stops at the first MCU boundary past `limit`; k_entropy_slack_bytes behind it are
// read.
// 2. Nothing is written outside the blocks named, whatever the bytes say.
// 3. A corrupt code, run or first coefficient makes the call return false; bits beyond the end of
//    the interval are the caller's to check, with unread_bits().
#pragma once

#include <cstddef>
#include <cstdint>

#include "headrace/jpeg/huffman_table.h"

namespace headrace::jpeg {

inline constexpr uint32_t k_block_size = 64;
inline constexpr uint32_t k_max_mcu_blocks = 6;
// Six blocks of 64 codes of at most 31 bits, and a refill.
inline constexpr size_t k_entropy_slack_bytes = 2048;

// `bits` holds the next `count` bits of the stream at its top (of `count` only the low six bits
// count); `next` is the byte after them.
struct BitReader {
  uint64_t bits = 0;
  uint64_t count = 0;
  const uint8_t* next = nullptr;
};

// The nth block of each MCU. Blocks of neighbour MCUs are `step` blocks apart.
struct McuBlock {
  const DcTable* dc = nullptr;
  const AcTable* ac = nullptr;
  uint32_t component_index = 0;
  uint32_t step = 0;
  int16_t* coefficients = nullptr;  // natural order
  uint8_t* used_counts = nullptr;   // coefficients in zigzag order up to the last one coded
};
struct McuLayout {
  McuBlock blocks[k_max_mcu_blocks];
  uint32_t block_count = 0;
};

struct EntropyState {
  BitReader reader;
  const uint8_t* limit = nullptr;  // end of the interval
  int32_t predictions[3] = {};

  int64_t unread_bits() const {
    return (limit - reader.next) * 8 + static_cast<int64_t>(reader.count & 63);
  }
};

// The natural place of the coefficient that is nth in zigzag order.
inline constexpr uint8_t k_natural_order[256] = {  // from 64 on all 0

    0,  1,  8,  16, 9,  2,  3,  10, 17, 24, 32, 25, 18, 11, 4,  5,  12, 19, 26, 33, 40, 48,
    41, 34, 27, 20, 13, 6,  7,  14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23,
    30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

// Decodes MCUs one after another into the layout's blocks, which need not be clear.
bool decode_mcus(EntropyState& state, const McuLayout& layout, uint64_t mcu_count);
// Two runs of MCUs, of two intervals, with one look-up each in turn: what one of them waits for,
// the other fills. The blocks of the two lie apart. False where either is corrupt.
struct McuRun {
  EntropyState* state = nullptr;
  const McuLayout* layout = nullptr;
  uint64_t mcu_count = 0;  // at least 1
};
bool decode_two(const McuRun& first, const McuRun& second);
// Reads over MCUs; only the predictions change.
bool skip_mcus(EntropyState& state, const McuLayout& layout, uint64_t mcu_count);

}  // namespace headrace::jpeg

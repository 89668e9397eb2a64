// The inner loops of Resizer, one set a SIMD target, chosen at run time.
// Thread safety: pure functions of what they are given.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "headrace/jpeg/image.h"
#include "headrace/ops/resize.h"

namespace headrace::ops {

// The kernels sum 16-bit products that each lose up to 1/256: with more taps they would drift.
inline constexpr uint32_t k_kernel_taps = 120;

// In front of a loop over a fixed number of taps: -O2 alone keeps the loop.
#if defined(__clang__)
#define HEADRACE_UNROLL _Pragma("clang loop unroll(full)")
#else
#define HEADRACE_UNROLL _Pragma("GCC unroll 8")
#endif

struct StripJob {
  const AxisWeights& columns;
  const AxisWeights& rows;
  const jpeg::PlaneView& source;
  uint32_t first_row = 0;
  uint16_t* columns_scratch = nullptr;  // of columns_scratch_size(source.width)
  uint16_t* turned_scratch = nullptr;   // of turned_scratch_size(source.width)
  uint8_t* target_scratch = nullptr;    // of target_scratch_size(target width)
  StripView target;

  uint32_t row(uint32_t strip_row) const {
    return std::min(first_row + strip_row, rows.target() - 1);
  }
};

// Room for whole vectors of the widest kind, and for one more behind.
inline size_t padded_columns(uint32_t count) { return (size_t{count} + 127) / 128 * 128; }
// Words of a blended row: even columns, room behind them, odd columns, room behind them.
// An odd number of cache lines a half, or rows would share few sets of the L1 cache.
inline size_t words_stride(uint32_t source_width) { return padded_columns(source_width) + 192; }
inline size_t columns_scratch_size(uint32_t source_width) {
  return words_stride(source_width) * k_strip_rows;
}
inline size_t turned_scratch_size(uint32_t source_width) {
  return padded_columns(source_width) * k_strip_rows;
}
inline size_t target_scratch_size(uint32_t target_width) {
  return padded_columns(target_width) * k_strip_rows;
}

// Sums of rows start a full step a tap too high, so that the odd ones stay above zero; sums of
// columns take half of it back, add their own half step a tap, and round.
inline uint32_t row_start(uint32_t row_taps) { return row_taps + 1; }
inline uint32_t column_start(uint32_t row_taps, uint32_t column_taps) {
  return 128 + column_taps / 2 - (row_taps + 1) / 2;
}

// At most k_kernel_taps an axis.
void resize_strip(const StripJob& job);
// One pixel at a time. `exact` takes any number of taps; otherwise the bits are resize_strip's.
void resize_strip_plain(const StripJob& job, bool exact);

}  // namespace headrace::ops

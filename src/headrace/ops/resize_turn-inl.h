// The second pass of a resize on any SIMD target: the strip is turned, so that 32 rows of a column
// lie side by side, columns are blended by plain vector sums, and the result is turned back.
// Compiled once a SIMD target; included by resize_kernels.cc alone.
#if defined(HEADRACE_OPS_RESIZE_TURN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEADRACE_OPS_RESIZE_TURN_INL_H_
#undef HEADRACE_OPS_RESIZE_TURN_INL_H_
#else
#define HEADRACE_OPS_RESIZE_TURN_INL_H_
#endif

#include <hwy/highway.h>

#include "headrace/ops/resize_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace headrace::ops {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Strip = hn::CappedTag<uint16_t, k_strip_rows>;

// Squares of 8x8 words and 16x16 bytes are turned one at a time, or two where a vector holds two.
#undef HEADRACE_TWO_BLOCKS
#define HEADRACE_TWO_BLOCKS (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2)
using WordBlock = hn::CappedTag<uint16_t, HEADRACE_TWO_BLOCKS ? 16 : 8>;
using ByteBlock = hn::Repartition<uint8_t, WordBlock>;

// One step of turning a square: vectors i and i + count / 2 are woven; after log2(count) steps rows
// and columns have changed places (an index of row and lane bits is rotated by one bit a step).
template <size_t count, class D, class V>
HWY_INLINE void weave(D d, const V* HWY_RESTRICT from, V* HWY_RESTRICT to) {
  HEADRACE_UNROLL
  for (size_t i = 0; i < count / 2; ++i) {
    to[2 * i] = hn::InterleaveLower(d, from[i], from[i + count / 2]);
    to[2 * i + 1] = hn::InterleaveUpper(d, from[i], from[i + count / 2]);
  }
}

// Row r of a block: 8 words of row r, then, where a vector holds two, of row r + 8.
HWY_INLINE hn::Vec<WordBlock> load_rows(const uint16_t* from, size_t stride) {
  const WordBlock d;
#if HEADRACE_TWO_BLOCKS
  const hn::Half<WordBlock> half;
  return hn::Combine(d, hn::LoadU(half, from + 8 * stride), hn::LoadU(half, from));
#else
  (void)stride;
  return hn::LoadU(d, from);
#endif
}

// Turns 8 columns of 8 or 16 rows; target column c goes to target + c * target_stride.
HWY_INLINE void turn_words(const uint16_t* HWY_RESTRICT from, size_t stride,
                           uint16_t* HWY_RESTRICT target, size_t target_stride) {
  const WordBlock d;
  hn::Vec<WordBlock> a[8];
  hn::Vec<WordBlock> b[8];
  HEADRACE_UNROLL
  for (size_t r = 0; r < 8; ++r) a[r] = load_rows(from + r * stride, stride);
  weave<8>(d, a, b);
  weave<8>(d, b, a);
  weave<8>(d, a, b);
  HEADRACE_UNROLL
  for (size_t c = 0; c < 8; ++c) hn::StoreU(b[c], d, target + c * target_stride);
}

// Rows of even and odd columns to columns of 32 rows side by side.
void turn_rows(const StripJob& job, size_t stride) {
  const size_t rows = hn::Lanes(WordBlock());
  for (size_t x = 0; x < job.source.width; x += 16) {
    for (size_t parity = 0; parity < 2; ++parity) {
      const uint16_t* from = job.columns_scratch + parity * stride / 2 + x / 2;
      uint16_t* target = job.turned_scratch + (x + parity) * k_strip_rows;
      for (size_t r = 0; r < k_strip_rows; r += rows) {
        turn_words(from + r * stride, stride, target + r, 2 * k_strip_rows);
      }
    }
  }
}

// Target columns from source columns: 32 rows of each side by side. A fixed number of taps is
// unrolled; 0 = ask the job.
template <uint32_t fixed_taps>
HWY_INLINE void blend_columns(const StripJob& job) {
  const Strip d;
  const hn::Rebind<uint8_t, Strip> d8;
  const size_t lanes = hn::Lanes(d);
  const uint32_t taps = fixed_taps == 0 ? job.columns.taps() : fixed_taps;
  const auto start = hn::Set(d, static_cast<uint16_t>(column_start(job.rows.taps(), taps)));
  const uint32_t width = job.columns.target();
  for (uint32_t x = 0; x < width; ++x) {
    const uint16_t* from = job.turned_scratch + size_t{job.columns.first(x)} * k_strip_rows;
    for (size_t r = 0; r < k_strip_rows; r += lanes) {
      auto sum = start;
      HEADRACE_UNROLL
      for (uint32_t t = 0; t < taps; ++t) {
        const auto column = hn::LoadU(d, from + t * k_strip_rows + r);
        sum = hn::Add(sum, hn::MulHigh(column, hn::Set(d, job.columns.weight(t, x))));
      }
      const auto pixels = hn::BitCast(hn::RebindToSigned<Strip>(), hn::ShiftRight<8>(sum));
      hn::StoreU(hn::DemoteTo(d8, pixels), d8, job.target_scratch + x * k_strip_rows + r);
    }
  }
}

void blend_columns_any(const StripJob& job) {
  switch (job.columns.taps()) {
    case 2:
      return blend_columns<2>(job);
    case 3:
      return blend_columns<3>(job);
    case 4:
      return blend_columns<4>(job);
    case 5:
      return blend_columns<5>(job);
    default:
      return blend_columns<0>(job);
  }
}

// 16 target columns of 16 rows (32 where a vector holds two blocks) to rows.
HWY_INLINE void turn_bytes(const uint8_t* HWY_RESTRICT from, uint8_t* HWY_RESTRICT target,
                           size_t target_stride) {
  const ByteBlock d;
  hn::Vec<ByteBlock> a[16];
  hn::Vec<ByteBlock> b[16];
  HEADRACE_UNROLL
  for (size_t c = 0; c < 16; ++c) a[c] = hn::LoadU(d, from + c * k_strip_rows);
  weave<16>(d, a, b);
  weave<16>(d, b, a);
  weave<16>(d, a, b);
  weave<16>(d, b, a);
  HEADRACE_UNROLL
  for (size_t r = 0; r < 16; ++r) {
#if HEADRACE_TWO_BLOCKS
    const hn::Half<ByteBlock> half;
    hn::StoreU(hn::LowerHalf(half, a[r]), half, target + r * target_stride);
    hn::StoreU(hn::UpperHalf(half, a[r]), half, target + (r + 16) * target_stride);
#else
    hn::StoreU(a[r], d, target + r * target_stride);
#endif
  }
}

void turn_back(const StripJob& job) {
  const size_t rows = hn::Lanes(ByteBlock());
  for (uint32_t x = 0; x < job.columns.target(); x += 16) {
    for (size_t r = 0; r < k_strip_rows; r += rows) {
      turn_bytes(job.target_scratch + size_t{x} * k_strip_rows + r,
                 job.target.data + r * job.target.stride_bytes + x, job.target.stride_bytes);
    }
  }
}

void blend_columns_turned(const StripJob& job, size_t stride) {
  turn_rows(job, stride);
  blend_columns_any(job);
  turn_back(job);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace headrace::ops
HWY_AFTER_NAMESPACE();

#endif  // per target

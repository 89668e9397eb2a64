// The inner loops of Resizer. A strip is 32 target rows: rows are blended into 16-bit columns of 32
// (64 bytes: one cache line, one vector of the widest kind), columns are blended by plain vector
// sums, and the result is turned back into rows. Sums are in 1/256 of a pixel; each product is cut
// off below that, so sums start a little higher (row_start, column_start).
#include "headrace/ops/resize_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/ops/resize_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace headrace::ops {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void strip_kernel(const StripJob& job) { resize_strip_plain(job, false); }

#else

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::ScalableTag<uint8_t>;
using Words = hn::RepartitionToWide<Bytes>;
using Strip = hn::CappedTag<uint16_t, k_strip_rows>;

// Squares of 8x8 words and 16x16 bytes are turned one at a time, or two where a vector holds two.
#undef HEADRACE_TWO_BLOCKS
#define HEADRACE_TWO_BLOCKS (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2)
using WordBlock = hn::CappedTag<uint16_t, HEADRACE_TWO_BLOCKS ? 16 : 8>;
using ByteBlock = hn::Repartition<uint8_t, WordBlock>;

// Blends one target row over one vector of source columns: even columns to words[0..], odd ones
// behind them. The odd sum is taken with the even byte still below it, and the excess, a 256th of
// the even sum, leaves at the end: one operation a tap less than masking.
HWY_INLINE void blend_row(const uint8_t* HWY_RESTRICT top, size_t stride, uint32_t taps,
                          const uint16_t* HWY_RESTRICT weights, uint16_t* HWY_RESTRICT words) {
  const Bytes d8;
  const Words d16;
  auto even = hn::Set(d16, static_cast<uint16_t>(row_start(taps)));
  auto odd = even;
  for (uint32_t t = 0; t < taps; ++t) {
    const auto pair = hn::BitCast(d16, hn::LoadU(d8, top + t * stride));
    const auto weight = hn::Set(d16, weights[t]);
    even = hn::Add(even, hn::MulHigh(hn::ShiftLeft<8>(pair), weight));
    odd = hn::Add(odd, hn::MulHigh(pair, weight));
  }
  hn::StoreU(even, d16, words);
  hn::StoreU(hn::Sub(odd, hn::ShiftRight<8>(even)), d16, words + hn::Lanes(d16));
}

// One step of turning a square: vectors i and i + count / 2 are woven; after log2(count) steps rows
// and columns have changed places (an index of row and lane bits is rotated by one bit a step).
template <size_t count, class D, class V>
HWY_INLINE void weave(D d, const V* HWY_RESTRICT from, V* HWY_RESTRICT to) {
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
  for (size_t r = 0; r < 8; ++r) a[r] = load_rows(from + r * stride, stride);
  weave<8>(d, a, b);
  weave<8>(d, b, a);
  weave<8>(d, a, b);
  for (size_t c = 0; c < 8; ++c) hn::StoreU(b[c], d, target + c * target_stride);
}

// All target rows of the strip over one vector of source columns, turned into columns of 32.
HWY_INLINE void blend_rows(const StripJob& job, uint32_t column) {
  const size_t lanes = hn::Lanes(Words());
  const size_t stride = 2 * lanes;
  HWY_ALIGN uint16_t words[k_strip_rows * 2 * hn::MaxLanes(Words())];
  const uint32_t last_row = job.rows.target() - 1;
  for (uint32_t r = 0; r < k_strip_rows; ++r) {
    const uint32_t row = std::min(job.first_row + r, last_row);
    const uint8_t* top = job.source.data + job.rows.first(row) * job.source.stride_bytes + column;
    blend_row(top, job.source.stride_bytes, job.rows.taps(), job.rows.weights(row),
              words + r * stride);
  }
  const size_t rows = hn::Lanes(WordBlock());
  for (size_t parity = 0; parity < 2; ++parity) {
    for (size_t i = 0; i < lanes; i += 8) {
      uint16_t* target = job.columns_scratch + (column + 2 * i + parity) * k_strip_rows;
      for (size_t r = 0; r < k_strip_rows; r += rows) {
        turn_words(words + r * stride + parity * lanes + i, stride, target + r, 2 * k_strip_rows);
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
    const uint16_t* weights = job.columns.weights(x);
    const uint16_t* from = job.columns_scratch + size_t{job.columns.first(x)} * k_strip_rows;
    for (size_t r = 0; r < k_strip_rows; r += lanes) {
      auto sum = start;
      for (uint32_t t = 0; t < taps; ++t) {
        const auto column = hn::LoadU(d, from + t * k_strip_rows + r);
        sum = hn::Add(sum, hn::MulHigh(column, hn::Set(d, weights[t])));
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
  for (size_t c = 0; c < 16; ++c) a[c] = hn::LoadU(d, from + c * k_strip_rows);
  weave<16>(d, a, b);
  weave<16>(d, b, a);
  weave<16>(d, a, b);
  weave<16>(d, b, a);
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

void strip_kernel(const StripJob& job) {
  const auto chunk = static_cast<uint32_t>(hn::Lanes(Bytes()));
  for (uint32_t x = 0; x < job.source.width; x += chunk) blend_rows(job, x);
  blend_columns_any(job);
  turn_back(job);
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace headrace::ops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::ops {

HWY_EXPORT(strip_kernel);

void resize_strip(const StripJob& job) { HWY_DYNAMIC_DISPATCH(strip_kernel)(job); }

}  // namespace headrace::ops
#endif

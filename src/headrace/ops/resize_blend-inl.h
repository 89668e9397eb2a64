// The first pass of a resize: source rows to target rows, all columns, in 1/256 of a pixel.
// Compiled once a SIMD target; included by resize_kernels.cc alone.
#if defined(HEADRACE_OPS_RESIZE_BLEND_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HEADRACE_OPS_RESIZE_BLEND_INL_H_
#undef HEADRACE_OPS_RESIZE_BLEND_INL_H_
#else
#define HEADRACE_OPS_RESIZE_BLEND_INL_H_
#endif

#include <hwy/highway.h>

#include "headrace/ops/resize_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace headrace::ops {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::ScalableTag<uint8_t>;
using Words = hn::RepartitionToWide<Bytes>;

// Without it gcc loads the unaligned vector twice, once for each use; the loads are the bottleneck.
HWY_INLINE hn::Vec<Bytes> load_once(const uint8_t* from) {
  auto bytes = hn::LoadU(Bytes(), from);
#if HWY_ARCH_X86 && HWY_COMPILER_GCC_ACTUAL
  asm("" : "+v"(bytes.raw));
#endif
  return bytes;
}

// Blends `taps` source rows over one vector of columns: even columns to `even`, odd ones to `odd`.
// The odd sum is taken with the even byte still below it, and the excess, a 256th of the even sum,
// leaves at the end: one operation a tap less than masking.
template <uint32_t fixed_taps>
HWY_INLINE void blend_bytes(const uint8_t* HWY_RESTRICT top, size_t stride, uint32_t any_taps,
                            const hn::Vec<Words>* HWY_RESTRICT weights,
                            uint16_t* HWY_RESTRICT even_words, uint16_t* HWY_RESTRICT odd_words) {
  const Words d16;
  const uint32_t taps = fixed_taps == 0 ? any_taps : fixed_taps;
  auto even = hn::Set(d16, static_cast<uint16_t>(row_start(taps)));
  auto odd = even;
  HEADRACE_UNROLL
  for (uint32_t t = 0; t < taps; ++t) {
    const auto pair = hn::BitCast(d16, load_once(top + t * stride));
    even = hn::Add(even, hn::MulHigh(hn::ShiftLeft<8>(pair), weights[t]));
    odd = hn::Add(odd, hn::MulHigh(pair, weights[t]));
  }
  hn::StoreU(even, d16, even_words);
  hn::StoreU(hn::Sub(odd, hn::ShiftRight<8>(even)), d16, odd_words);
}

// One target row of all source columns: even columns from `even` on, odd ones from `odd` on.
template <uint32_t fixed_taps>
HWY_INLINE void blend_row(const StripJob& job, uint32_t row, uint16_t* even, uint16_t* odd) {
  const uint32_t taps = fixed_taps == 0 ? job.rows.taps() : fixed_taps;
  hn::Vec<Words> weights[fixed_taps == 0 ? k_kernel_taps : fixed_taps];
  HEADRACE_UNROLL
  for (uint32_t t = 0; t < taps; ++t) weights[t] = hn::Set(Words(), job.rows.weight(t, row));
  const size_t stride = job.source.stride_bytes;
  const uint8_t* top = job.source.data + job.rows.first(row) * stride;
  const size_t lanes = hn::Lanes(Bytes());
  for (size_t x = 0; x < job.source.width; x += lanes) {
    blend_bytes<fixed_taps>(top + x, stride, taps, weights, even + x / 2, odd + x / 2);
  }
}

// All rows of the strip. Row r is at words + r * stride: first its even columns, then, half a
// stride on, its odd ones.
template <uint32_t fixed_taps>
HWY_INLINE void blend_rows(const StripJob& job, size_t stride) {
  for (uint32_t r = 0; r < k_strip_rows; ++r) {
    uint16_t* words = job.columns_scratch + r * stride;
    blend_row<fixed_taps>(job, job.row(r), words, words + stride / 2);
  }
}

void blend_rows_any(const StripJob& job, size_t stride) {
  switch (job.rows.taps()) {
    case 2:
      return blend_rows<2>(job, stride);
    case 3:
      return blend_rows<3>(job, stride);
    case 4:
      return blend_rows<4>(job, stride);
    case 5:
      return blend_rows<5>(job, stride);
    default:
      return blend_rows<0>(job, stride);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace headrace::ops
HWY_AFTER_NAMESPACE();

#endif  // per target

// The factorization of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) with 12 multiplications, two
// 16-bit products at a time; each 128-bit part of a vector is one block. Sums wrap and saturate at
// 16 bits where libjpeg-turbo's do.
#include "headrace/jpeg/idct.h"

#include <algorithm>

#include "headrace/jpeg/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/jpeg/idct.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 256 bits at most: wider vectors would need four neighbours and save nothing on today's cores.
using Tag = hn::CappedTag<int16_t, 16>;
using Vector = hn::Vec<Tag>;
using WideTag = hn::RepartitionToWide<Tag>;
using Wide = hn::Vec<WideTag>;
inline constexpr size_t k_group_size = HWY_MAX_BYTES >= 32 ? 2 : 1;  // blocks in a vector

// First pass: 13 bits of constants down to 2 bits of extra precision. Second: those and 3 more.
inline constexpr int k_first_shift = 11, k_second_shift = 18;
// Beyond this a first row would overflow 16 bits when shifted by the extra precision.
inline constexpr int16_t k_largest_first = 8191;

// Products of a pair (a, b) with constants (ca, cb), summed.
struct WidePair {
  Wide low, high;
};
HWY_INLINE WidePair multiply_pair(Vector low, Vector high, int32_t ca, int32_t cb) {
  const Tag d;
  const WideTag dw;
  const auto both =
      static_cast<int32_t>(static_cast<uint32_t>(cb) << 16 | (static_cast<uint32_t>(ca) & 0xffff));
  const Vector constants = hn::BitCast(d, hn::Set(dw, both));
  Wide odd_low = hn::Zero(dw), odd_high = hn::Zero(dw);
  const Wide sum_low = hn::ReorderWidenMulAccumulate(dw, low, constants, hn::Zero(dw), odd_low);
  const Wide sum_high = hn::ReorderWidenMulAccumulate(dw, high, constants, hn::Zero(dw), odd_high);
  return {hn::RearrangeToOddPlusEven(sum_low, odd_low),
          hn::RearrangeToOddPlusEven(sum_high, odd_high)};
}
HWY_INLINE WidePair plus(WidePair a, WidePair b) {
  return {hn::Add(a.low, b.low), hn::Add(a.high, b.high)};
}
HWY_INLINE WidePair minus(WidePair a, WidePair b) {
  return {hn::Sub(a.low, b.low), hn::Sub(a.high, b.high)};
}
HWY_INLINE WidePair shifted_up(Vector value) {
  const Tag d;
  const WideTag dw;
  const Vector zero = hn::Zero(d);
  return {hn::ShiftRight<3>(hn::BitCast(dw, hn::InterleaveLower(d, zero, value))),
          hn::ShiftRight<3>(hn::BitCast(dw, hn::InterleaveUpper(d, zero, value)))};
}
template <int k_shift>
HWY_INLINE Vector shifted_down(WidePair value) {
  return hn::ReorderDemote2To(Tag(), hn::ShiftRight<k_shift>(value.low),
                              hn::ShiftRight<k_shift>(value.high));
}

struct OddPart {
  WidePair part[4];
};

// The odd inputs' share; with k_half inputs 5 and 7 are 0.
template <bool k_half>
HWY_INLINE OddPart odd_part(const Vector* in) {
  const Tag d;
  const Vector zero = hn::Zero(d);
  const Vector in5 = k_half ? zero : in[5], in7 = k_half ? zero : in[7];
  const Vector z3 = k_half ? in[3] : hn::Add(in7, in[3]);
  const Vector z4 = k_half ? in[1] : hn::Add(in5, in[1]);
  const Vector z_low = hn::InterleaveLower(d, z3, z4), z_high = hn::InterleaveUpper(d, z3, z4);
  const WidePair z3_part = multiply_pair(z_low, z_high, 9633 - 16069, 9633);
  const WidePair z4_part = multiply_pair(z_low, z_high, 9633, 9633 - 3196);
  const Vector low71 = hn::InterleaveLower(d, in7, in[1]);
  const Vector high71 = hn::InterleaveUpper(d, in7, in[1]);
  const Vector low53 = hn::InterleaveLower(d, in5, in[3]);
  const Vector high53 = hn::InterleaveUpper(d, in5, in[3]);
  return {{plus(multiply_pair(low71, high71, 2446 - 7373, -7373), z3_part),
           plus(multiply_pair(low53, high53, 16819 - 20995, -20995), z4_part),
           plus(multiply_pair(low53, high53, -20995, 25172 - 20995), z3_part),
           plus(multiply_pair(low71, high71, -7373, 12299 - 7373), z4_part)}};
}

// One dimension of the transform on eight vectors, in place. With k_half inputs 4 to 7 are 0.
template <bool k_half, int k_shift>
HWY_INLINE void transform_vectors(Vector* values) {
  const Tag d;
  const WideTag dw;
  const Vector zero = hn::Zero(d);
  const Wide rounding = hn::Set(dw, 1 << (k_shift - 1));
  const Vector in6 = k_half ? zero : values[6];
  const Vector low26 = hn::InterleaveLower(d, values[2], in6);
  const Vector high26 = hn::InterleaveUpper(d, values[2], in6);
  const WidePair z2 = multiply_pair(low26, high26, 4433, 4433 - 15137);
  const WidePair z3 = multiply_pair(low26, high26, 4433 + 6270, 4433);
  WidePair sum = shifted_up(k_half ? values[0] : hn::Add(values[0], values[4]));
  sum = {hn::Add(sum.low, rounding), hn::Add(sum.high, rounding)};
  WidePair difference = sum;
  if constexpr (!k_half) {
    difference = shifted_up(hn::Sub(values[0], values[4]));
    difference = {hn::Add(difference.low, rounding), hn::Add(difference.high, rounding)};
  }
  const OddPart odd = odd_part<k_half>(values);
  const WidePair even[4] = {plus(sum, z3), plus(difference, z2), minus(difference, z2),
                            minus(sum, z3)};
  HWY_UNROLL(4)
  for (size_t index = 0; index < 4; ++index) {
    values[index] = shifted_down<k_shift>(plus(even[index], odd.part[3 - index]));
    values[7 - index] = shifted_down<k_shift>(minus(even[index], odd.part[3 - index]));
  }
}

// 8x8 words in each 128-bit part: each round rotates (row, column), six bits in all, by one bit.
// With k_half the last four vectors are taken for 0.
template <bool k_half>
HWY_INLINE void transpose(Vector* values) {
  const Tag d;
  const Vector zero = hn::Zero(d);
  HWY_UNROLL(3)
  for (size_t round = 0; round < 3; ++round) {
    Vector shuffled[8];
    HWY_UNROLL(4)
    for (size_t index = 0; index < 4; ++index) {
      const Vector later = k_half && round == 0 ? zero : values[index + 4];
      shuffled[2 * index] = hn::InterleaveLower(d, values[index], later);
      shuffled[2 * index + 1] = hn::InterleaveUpper(d, values[index], later);
    }
    std::copy_n(shuffled, 8, values);
  }
}

// Rows of a group of blocks, times the quantization steps.
template <bool k_half>
HWY_INLINE void load_rows(const int16_t* blocks, const int16_t* steps, Vector* rows) {
  const Tag d;
  HWY_UNROLL(8)
  for (size_t index = 0; index < (k_half ? 4 : 8); ++index) {
#if HWY_MAX_BYTES >= 32
    const hn::Half<Tag> dh;
    const Vector row =
        hn::Combine(d, hn::LoadU(dh, blocks + 64 + index * 8), hn::LoadU(dh, blocks + index * 8));
#else
    const Vector row = hn::LoadU(d, blocks + index * 8);
#endif
    rows[index] = hn::Mul(row, hn::LoadDup128(d, steps + index * 8));
  }
}

// Two rows of eight samples in each 128-bit part: the rows of neighbour blocks side by side.
HWY_INLINE void store_two_rows(hn::Vec<hn::Repartition<uint8_t, Tag>> samples, uint8_t* target,
                               size_t stride_bytes) {
#if HWY_MAX_BYTES >= 32
  const hn::Half<hn::Repartition<uint64_t, Tag>> d64;
  const hn::Half<hn::Repartition<uint8_t, Tag>> d8;
  const auto first = hn::BitCast(d64, hn::LowerHalf(d8, samples));
  const auto second = hn::BitCast(d64, hn::UpperHalf(d8, samples));
  hn::StoreU(hn::BitCast(d8, hn::InterleaveLower(d64, first, second)), d8, target);
  hn::StoreU(hn::BitCast(d8, hn::InterleaveUpper(d64, first, second)), d8, target + stride_bytes);
#else
  const hn::Half<hn::Repartition<uint8_t, Tag>> d8;
  hn::StoreU(hn::LowerHalf(d8, samples), d8, target);
  hn::StoreU(hn::UpperHalf(d8, samples), d8, target + stride_bytes);
#endif
}

// Two columns of words to pairs of samples around 128. Saturation does the clamping: the words have
// 14 bits, so the first sum stops at the largest number and the second difference at 0.
HWY_INLINE Vector sample_pairs(Vector left, Vector right) {
  const Tag d;
  const hn::RebindToUnsigned<Tag> du;
  const auto clamp = [&](Vector column) HWY_ATTR {
    const Vector high = hn::SaturatedAdd(column, hn::Set(d, 32767 - 127));
    return hn::SaturatedSub(hn::BitCast(du, high), hn::Set(du, 32767 - 255));
  };
  return hn::BitCast(d, hn::Or(clamp(left), hn::ShiftLeft<8>(clamp(right))));
}

// Columns of words to rows of samples.
HWY_INLINE void store_columns(const Vector* columns, uint8_t* target, size_t stride_bytes) {
  const hn::Repartition<uint8_t, Tag> du8;
  const Tag d16;
  const WideTag d32;
  const Vector c01 = sample_pairs(columns[0], columns[1]);
  const Vector c23 = sample_pairs(columns[2], columns[3]);
  const Vector c45 = sample_pairs(columns[4], columns[5]);
  const Vector c67 = sample_pairs(columns[6], columns[7]);
  const Wide top_left = hn::BitCast(d32, hn::InterleaveLower(d16, c01, c23));
  const Wide bottom_left = hn::BitCast(d32, hn::InterleaveUpper(d16, c01, c23));
  const Wide top_right = hn::BitCast(d32, hn::InterleaveLower(d16, c45, c67));
  const Wide bottom_right = hn::BitCast(d32, hn::InterleaveUpper(d16, c45, c67));
  const auto rows01 = hn::InterleaveLower(d32, top_left, top_right);
  const auto rows23 = hn::InterleaveUpper(d32, top_left, top_right);
  const auto rows45 = hn::InterleaveLower(d32, bottom_left, bottom_right);
  const auto rows67 = hn::InterleaveUpper(d32, bottom_left, bottom_right);
  store_two_rows(hn::BitCast(du8, rows01), target, stride_bytes);
  store_two_rows(hn::BitCast(du8, rows23), target + 2 * stride_bytes, stride_bytes);
  store_two_rows(hn::BitCast(du8, rows45), target + 4 * stride_bytes, stride_bytes);
  store_two_rows(hn::BitCast(du8, rows67), target + 6 * stride_bytes, stride_bytes);
}

// Returns the magnitudes of the first rows.
template <bool k_half>
HWY_INLINE Vector transform_group(const int16_t* blocks, const int16_t* steps, uint8_t* target,
                                  size_t stride_bytes) {
  Vector values[8];
  load_rows<k_half>(blocks, steps, values);
  const Vector magnitudes = hn::Max(values[0], hn::Neg(values[0]));
  transform_vectors<k_half, k_first_shift>(values);
  transpose<false>(values);
  transform_vectors<k_half, k_second_shift>(values);
  store_columns(values, target, stride_bytes);
  return magnitudes;
}

// A block of its first coefficient alone is flat.
HWY_INLINE void fill_block(int32_t first, uint8_t* target, size_t stride_bytes) {
  const int32_t sample = std::clamp(((first + 4) >> 3) + 128, 0, 255);
  const hn::CappedTag<uint8_t, 8> d;
  for (size_t row = 0; row < 8; ++row) {
    hn::StoreU(hn::Set(d, static_cast<uint8_t>(sample)), d, target + row * stride_bytes);
  }
}

// One group by the cheapest way that its coefficients allow; returns as transform_group does.
HWY_INLINE Vector transform_any(const int16_t* blocks, uint32_t used, const int16_t* steps,
                                uint8_t* target, size_t stride_bytes) {
  if (used > 10) return transform_group<false>(blocks, steps, target, stride_bytes);
  if (used > 1) return transform_group<true>(blocks, steps, target, stride_bytes);
  for (size_t block = 0; block < k_group_size; ++block) {
    const auto first = static_cast<int16_t>(blocks[block * 64] * steps[0]);
    fill_block(first, target + block * 8, stride_bytes);
  }
  Vector rows[4];
  load_rows<true>(blocks, steps, rows);
  return hn::Max(rows[0], hn::Neg(rows[0]));
}

bool transform(const BlockRow& row, uint8_t* target, size_t stride_bytes) {
  const Tag d;
  Vector magnitudes = hn::Zero(d);
  for (size_t index = 0; index < row.block_count; index += k_group_size) {
    uint32_t used = row.used_counts[index];
    for (size_t next = 1; next < k_group_size; ++next) {
      used = std::max<uint32_t>(used, row.used_counts[index + next]);
    }
    Vector largest = transform_any(row.coefficients + index * 64, used, row.steps,
                                   target + index * 8, stride_bytes);
    if (row.block_count - index < k_group_size) {  // what stands behind the last block is junk
      largest = hn::IfThenElseZero(hn::FirstN(d, 8), largest);
    }
    magnitudes = hn::Or(magnitudes, largest);
  }
  // 13 bits; the smallest number is its own opposite.
  const auto beyond =
      hn::Or(hn::Gt(magnitudes, hn::Set(d, k_largest_first)), hn::Lt(magnitudes, hn::Zero(d)));
  return hn::AllFalse(d, beyond);
}

}  // namespace HWY_NAMESPACE
}  // namespace headrace::jpeg
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::jpeg {

HWY_EXPORT(transform);

bool transform(const BlockRow& row, uint8_t* target, size_t stride_bytes) {
  return HWY_DYNAMIC_DISPATCH(transform)(row, target, stride_bytes);
}

}  // namespace headrace::jpeg
#endif

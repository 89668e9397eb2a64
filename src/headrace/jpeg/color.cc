// Constants have 16 bits behind the point (ITU-T T.871): those above a half are split into a whole
// and a rest that fits signed 16-bit products.
#include "headrace/jpeg/color.h"

#include "headrace/jpeg/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/jpeg/color.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<int16_t, 16>;
using Vector = hn::Vec<Tag>;

// (factor * value + a half) >> 16 for |factor| < 2^15: the product with twice the value, halved.
HWY_INLINE Vector scaled(Vector value, int16_t factor) {
  const Tag d;
  const Vector twice = hn::MulHigh(hn::Add(value, value), hn::Set(d, factor));
  return hn::ShiftRight<1>(hn::Add(twice, hn::Set(d, 1)));
}

// (-0.34414 cb + 0.28586 cr) with one rounding for both, as the whole -0.71414 has with -1 cr.
HWY_INLINE Vector green_share(Vector blue, Vector red) {
  const Tag d;
  const hn::RepartitionToWide<Tag> dw;
  const Vector factors = hn::BitCast(d, hn::Set(dw, 18734 * 65536 + (65536 - 22554)));
  const auto sum = [&](Vector pairs) HWY_ATTR {
    auto odd = hn::Zero(dw);
    const auto even = hn::ReorderWidenMulAccumulate(dw, pairs, factors, hn::Set(dw, 32768), odd);
    return hn::ShiftRight<16>(hn::RearrangeToOddPlusEven(even, odd));
  };
  return hn::ReorderDemote2To(d, sum(hn::InterleaveLower(d, blue, red)),
                              sum(hn::InterleaveUpper(d, blue, red)));
}

void convert_ycbcr(const YcbcrRow& row, size_t pixel_count, const RgbRow& target) {
  const Tag d;
  const hn::Rebind<uint8_t, Tag> d8;
  const auto load = [&](const uint8_t* samples)
                        HWY_ATTR { return hn::PromoteTo(d, hn::LoadU(d8, samples)); };
  const Vector middle = hn::Set(d, 128);
  for (size_t index = 0; index < pixel_count; index += hn::Lanes(d)) {
    const Vector luma = load(row.luma + index);
    const Vector blue = hn::Sub(load(row.blue_difference + index), middle);
    const Vector red = hn::Sub(load(row.red_difference + index), middle);
    const Vector r = hn::Add(luma, hn::Add(red, scaled(red, 26345)));
    const Vector g = hn::Add(luma, hn::Sub(green_share(blue, red), red));
    const Vector b = hn::Add(luma, hn::Add(hn::Add(blue, blue), scaled(blue, -14942)));
    hn::StoreU(hn::DemoteTo(d8, r), d8, target.red + index);
    hn::StoreU(hn::DemoteTo(d8, g), d8, target.green + index);
    hn::StoreU(hn::DemoteTo(d8, b), d8, target.blue + index);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace headrace::jpeg
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::jpeg {

HWY_EXPORT(convert_ycbcr);

void convert_ycbcr(const YcbcrRow& row, size_t pixel_count, const RgbRow& target) {
  HWY_DYNAMIC_DISPATCH(convert_ycbcr)(row, pixel_count, target);
}

}  // namespace headrace::jpeg
#endif

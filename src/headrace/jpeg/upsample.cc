// Roundings are libjpeg's: they alternate so that no side gains in brightness.
#include "headrace/jpeg/upsample.h"

#include <cstddef>

#include "headrace/jpeg/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/jpeg/upsample.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<uint16_t, 16>;
using Vector = hn::Vec<Tag>;

HWY_INLINE Vector load(const uint8_t* samples) {
  const Tag d;
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<uint8_t, Tag>(), samples));
}
HWY_INLINE Vector three_times(Vector value) { return hn::Add(value, hn::Add(value, value)); }

HWY_INLINE void store_pairs(Vector even, Vector odd, uint8_t* target) {
  const hn::Repartition<uint8_t, Tag> d8;
  hn::StoreU(hn::BitCast(d8, hn::Or(even, hn::ShiftLeft<8>(odd))), d8, target);
}

void upsample_wide(const uint8_t* row, size_t sample_count, uint8_t* target) {
  const Tag d;
  for (size_t index = 0; index < sample_count; index += hn::Lanes(d)) {
    const Vector here = three_times(load(row + index));
    const Vector left = hn::Add(load(row + index - 1), hn::Set(d, 1));
    const Vector right = hn::Add(load(row + index + 1), hn::Set(d, 2));
    store_pairs(hn::ShiftRight<2>(hn::Add(here, left)), hn::ShiftRight<2>(hn::Add(here, right)),
                target + 2 * index);
  }
}

void upsample_both(const uint8_t* near, const uint8_t* far, size_t sample_count, uint8_t* target) {
  const Tag d;
  const auto sum_at = [&](size_t index, ptrdiff_t side) HWY_ATTR {
    return hn::Add(three_times(load(near + index + side)), load(far + index + side));
  };
  for (size_t index = 0; index < sample_count; index += hn::Lanes(d)) {
    const Vector here = three_times(sum_at(index, 0));
    const Vector left = hn::Add(sum_at(index, -1), hn::Set(d, 8));
    const Vector right = hn::Add(sum_at(index, 1), hn::Set(d, 7));
    store_pairs(hn::ShiftRight<4>(hn::Add(here, left)), hn::ShiftRight<4>(hn::Add(here, right)),
                target + 2 * index);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace headrace::jpeg
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::jpeg {

HWY_EXPORT(upsample_wide);
HWY_EXPORT(upsample_both);

void upsample_wide(const uint8_t* row, size_t sample_count, uint8_t* target) {
  HWY_DYNAMIC_DISPATCH(upsample_wide)(row, sample_count, target);
}
void upsample_both(const uint8_t* near, const uint8_t* far, size_t sample_count, uint8_t* target) {
  HWY_DYNAMIC_DISPATCH(upsample_both)(near, far, sample_count, target);
}

}  // namespace headrace::jpeg
#endif

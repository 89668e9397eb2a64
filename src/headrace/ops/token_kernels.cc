// Whole vectors, then what is left one by one. Plain stores: a batch of tokens fits the cache that
// its reader finds it in (8 x 4096 of them twice are 512 KiB).
#include "headrace/ops/token_kernels.h"

#include "headrace/base/endian.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/ops/token_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace headrace::ops {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

template <typename Out>
using Tag = hn::ScalableTag<Out>;

// What one vector of `Out` holds, read and widened.
HWY_INLINE hn::Vec<Tag<int64_t>> widened(Tag<int64_t> out, const uint16_t* from) {
  const hn::Rebind<uint16_t, Tag<int64_t>> narrow;
  const hn::Rebind<uint32_t, Tag<int64_t>> middle;
  const hn::Rebind<uint64_t, Tag<int64_t>> wide;
  return hn::BitCast(out, hn::PromoteTo(wide, hn::PromoteTo(middle, hn::LoadU(narrow, from))));
}
HWY_INLINE hn::Vec<Tag<int32_t>> widened(Tag<int32_t> out, const uint16_t* from) {
  const hn::Rebind<uint16_t, Tag<int32_t>> narrow;
  return hn::PromoteTo(out, hn::LoadU(narrow, from));
}
HWY_INLINE hn::Vec<Tag<int64_t>> widened(Tag<int64_t> out, const int32_t* from) {
  const hn::Rebind<int32_t, Tag<int64_t>> narrow;
  return hn::PromoteTo(out, hn::LoadU(narrow, from));
}

template <typename Stored, typename Out>
HWY_INLINE void widen(const std::byte* tokens, size_t count, Out* out) {
  const Tag<Out> tag;
  const size_t lanes = hn::Lanes(tag);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    // Highway's unaligned loads copy bytes: the type says only how wide they are.
    hn::StoreU(widened(tag, reinterpret_cast<const Stored*>(tokens + i * sizeof(Stored))), tag,
               out + i);
  }
  for (; i < count; ++i) out[i] = load_le<Stored>(tokens + i * sizeof(Stored));
}

void u16_to_i64(const std::byte* tokens, size_t count, int64_t* out) {
  widen<uint16_t>(tokens, count, out);
}
void u16_to_i32(const std::byte* tokens, size_t count, int32_t* out) {
  widen<uint16_t>(tokens, count, out);
}
void i32_to_i64(const std::byte* tokens, size_t count, int64_t* out) {
  widen<int32_t>(tokens, count, out);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace headrace::ops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::ops {

HWY_EXPORT(u16_to_i64);
HWY_EXPORT(u16_to_i32);
HWY_EXPORT(i32_to_i64);

void widen_u16(const std::byte* tokens, size_t count, int64_t* out) {
  HWY_DYNAMIC_DISPATCH(u16_to_i64)(tokens, count, out);
}
void widen_u16(const std::byte* tokens, size_t count, int32_t* out) {
  HWY_DYNAMIC_DISPATCH(u16_to_i32)(tokens, count, out);
}
void widen_i32(const std::byte* tokens, size_t count, int64_t* out) {
  HWY_DYNAMIC_DISPATCH(i32_to_i64)(tokens, count, out);
}

}  // namespace headrace::ops
#endif

// The inner loops of Resizer, compiled for each SIMD target. A strip is 32 target rows: source rows
// are blended first, in vectors along the row, then columns, by picking or on the turned strip; the
// bits are the same. Sums are in 1/256 of a pixel; each product is cut off below that, so sums
// start a little higher (row_start, column_start).
#include "headrace/ops/resize_kernels.h"

// The loops keep vectors in arrays, which scalable vectors cannot be.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/ops/resize_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

#if HWY_TARGET != HWY_SCALAR
#include "headrace/ops/resize_blend-inl.h"
#include "headrace/ops/resize_pick-inl.h"
#include "headrace/ops/resize_turn-inl.h"
#endif

HWY_BEFORE_NAMESPACE();
namespace headrace::ops {
namespace HWY_NAMESPACE {
namespace {

void strip_kernel(const StripJob& job) {
#if HWY_TARGET == HWY_SCALAR
  resize_strip_plain(job, false);
#else
  const size_t stride = words_stride(job.source.width);
  blend_rows_any(job, stride);
  if (!blend_columns_picked(job, stride)) blend_columns_turned(job, stride);
#endif
}

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

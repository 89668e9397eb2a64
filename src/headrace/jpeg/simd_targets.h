// Which of Highway's instruction sets the JPEG kernels are compiled for: include before
// <hwy/foreach_target.h>. The kernels assume vectors of a fixed size, so no scalable ones.
// The last resort is EMU128 instead of Highway's scalar target, which lacks most operations: only
// x86 without SSSE3 would run it (gcc 12.2 miscompiles parts of it; the tests run it too).
#pragma once

#define HWY_DISABLED_TARGETS \
  (HWY_SSSE3 | HWY_AVX3_DL | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
#define HWY_BROKEN_EMU128 0

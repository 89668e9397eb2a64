// The default recoding: the same pixels, smaller files, restart intervals for partial decoding.
// Thread safety: the function it returns runs on many threads.
#pragma once

#include "headrace/pack/prepare.h"

namespace headrace::pack {

Recode lossless_recode();

}  // namespace headrace::pack

// The inner loops of PixelWriter, one set a SIMD target, chosen at run time.
// Thread safety: pure functions; only the job's rows of `target` are touched.
#pragma once

#include <cstddef>

#include "headrace/ops/pixel_format.h"

namespace headrace::ops {

struct PixelJob {
  const PixelWriter& writer;
  const PixelRows& rows;
  std::byte* target = nullptr;
};

void write_pixels(const PixelJob& job);

}  // namespace headrace::ops

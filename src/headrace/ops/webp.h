// WebP by libwebp: lossy and lossless stills to 8-bit RGB; an animation is a Failure.
// Thread safety: a pure function but for the picture given.
#pragma once

#include "headrace/ops/picture.h"

namespace headrace::ops {

PictureResult decode_webp(std::span<const std::byte> bytes, uint64_t limit_pixels,
                          Picture& picture);

}  // namespace headrace::ops

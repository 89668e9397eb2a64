// PNG by libpng: every color type, depth and interlacing to 8-bit RGB. Depth 16 keeps the high
// byte. Thread safety: a pure function but for the picture given.
#pragma once

#include "headrace/ops/picture.h"

namespace headrace::ops {

PictureResult decode_png(std::span<const std::byte> bytes, uint64_t limit_pixels, Picture& picture);

}  // namespace headrace::ops

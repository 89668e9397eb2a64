// Header first, so that the limit holds before memory is taken.
#include "headrace/ops/webp.h"

#include <webp/decode.h>

namespace headrace::ops {

PictureResult decode_webp(std::span<const std::byte> bytes, uint64_t limit_pixels,
                          Picture& picture) {
  const auto* data = reinterpret_cast<const uint8_t*>(bytes.data());
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(data, bytes.size(), &features) != VP8_STATUS_OK) {
    return std::unexpected(Failure{"broken WebP header", 0});
  }
  if (features.has_animation != 0) return std::unexpected(Failure{"animated WebP", 0});
  const auto width = static_cast<uint32_t>(features.width);
  const auto height = static_cast<uint32_t>(features.height);
  if (width == 0 || height == 0) return std::unexpected(Failure{"WebP without pixels", 0});
  if (uint64_t{width} * height > limit_pixels) {
    return std::unexpected(Failure{"WebP has more pixels than the limit", 0});
  }
  picture.resize(width, height);
  const size_t row_bytes = size_t{3} * width;
  uint8_t* mixed = picture.mixed(row_bytes * height);
  if (WebPDecodeRGBInto(data, bytes.size(), mixed, row_bytes * height,
                        static_cast<int>(row_bytes)) == nullptr) {
    return std::unexpected(Failure{"broken or truncated WebP", 0});
  }
  for (uint32_t y = 0; y < height; ++y) picture.set_row(y, mixed + y * row_bytes);
  return {};
}

}  // namespace headrace::ops

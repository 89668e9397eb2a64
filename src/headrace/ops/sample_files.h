// For tests: JPEG, PNG and WebP files made in memory from known pixels.
// Thread safety: pure functions. An encoder's error ends the test program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "headrace/ops/plain_pictures.h"

namespace headrace::ops {

// Red, green, blue side by side, row after row.
struct Pixels {
  uint32_t width = 0, height = 0;
  std::vector<uint8_t> rgb;
  Plane plane(size_t color) const;
};

// Gradients with noise on them.
Pixels sample_pixels(uint32_t width, uint32_t height, uint32_t seed = 1);

enum class JpegKind { h2v2, h2v1, h1v1, grey };
// At quality 95, with an EXIF orientation (0 = no EXIF).
std::vector<std::byte> encode_jpeg(const Pixels& pixels, uint8_t exif_orientation = 0,
                                   JpegKind kind = JpegKind::h2v2);
// What libjpeg-turbo makes of it.
Pixels decode_jpeg(const std::vector<std::byte>& bytes);

enum class PngKind { rgb, rgba, grey, grey_alpha, rgb16, palette };
std::vector<std::byte> encode_png(const Pixels& pixels, PngKind kind, bool interlaced = false);

std::vector<std::byte> encode_webp_lossless(const Pixels& pixels);

}  // namespace headrace::ops

// Rows of pixels as libjpeg gives them, split into one row a color. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::jpeg {

struct RgbRow {
  uint8_t* red = nullptr;
  uint8_t* green = nullptr;
  uint8_t* blue = nullptr;
};

// `interleaved` holds 3 bytes a pixel.
void split_rgb(const uint8_t* interleaved, size_t pixel_count, const RgbRow& target);

// `inverted` holds 4 bytes a pixel in Adobe's convention (255 = no ink), as Pillow assumes of every
// CMYK JPEG; the result is that of Pillow's convert("RGB").
void convert_cmyk(const uint8_t* inverted, size_t pixel_count, const RgbRow& target);

}  // namespace headrace::jpeg

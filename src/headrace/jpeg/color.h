// YCbCr (JFIF, full range) to RGB, equal bit for bit to libjpeg-turbo's integer conversion.
// Thread safety: pure functions.
// 1. Up to k_color_slack_bytes behind each row are read and written.
// 2. Targets may be the sources themselves.
#pragma once

#include <cstddef>
#include <cstdint>

#include "headrace/jpeg/planes.h"

namespace headrace::jpeg {

inline constexpr size_t k_color_slack_bytes = 64;

struct YcbcrRow {
  const uint8_t* luma = nullptr;
  const uint8_t* blue_difference = nullptr;
  const uint8_t* red_difference = nullptr;
};
void convert_ycbcr(const YcbcrRow& row, size_t pixel_count, const RgbRow& target);

}  // namespace headrace::jpeg

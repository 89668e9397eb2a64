// For fuzz targets: a box that an input chooses, and whether a decoder's part of a picture is that
// part of the whole. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <cstring>

#include "headrace/base/check.h"
#include "headrace/jpeg/header.h"
#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

inline Box choose_box(const Header& header, const uint8_t* choice) {
  Box box;
  box.x = choice[0] * header.width / 256;
  box.y = choice[1] * header.height / 256;
  box.width = 1 + choice[2] * (header.width - box.x - 1) / 255;
  box.height = 1 + choice[3] * (header.height - box.y - 1) / 255;
  return box;
}

inline void check_same(const ImageView& part, const ImageView& whole, const Box& box) {
  for (size_t plane = 0; plane < 3; ++plane) {
    const PlaneView &small = part.planes[plane], &large = whole.planes[plane];
    for (uint32_t row = 0; row < box.height; ++row) {
      HR_CHECK(std::memcmp(small.data + row * small.stride_bytes,
                           large.data + (box.y + row) * large.stride_bytes + box.x, box.width) == 0,
               "row {} of {}x{}", row, box.width, box.height);
    }
  }
}

}  // namespace headrace::jpeg

// Which part of a picture a sample shows, and what EXIF's orientation makes of it.
// Thread safety: pure functions; randomness comes in as Draws.
#pragma once

#include <cstddef>
#include <cstdint>

#include "headrace/base/random.h"
#include "headrace/jpeg/image.h"
#include "headrace/ops/weights.h"

namespace headrace::ops {

using jpeg::Box;

struct Extent {
  uint32_t width = 0, height = 0;
  bool operator==(const Extent&) const = default;
};

// Resize `source` (the filter sees nothing outside it) to `resized`, of which `shown` is kept.
struct Frame {
  Box source;
  Extent resized;
  Box shown;
  bool operator==(const Frame&) const = default;
};

// Shares of the picture's area, and width by height.
struct RandomCropOptions {
  double scale_low = 0.08, scale_high = 1.0;
  double ratio_low = 3.0 / 4, ratio_high = 4.0 / 3;
};

// torchvision's RandomResizedCrop: ten tries of (scale, ratio), then (row, column) of the one that
// fits; else the largest centered box of an allowed ratio.
Box random_resized_crop(Extent picture, const RandomCropOptions& options, Draws& draws);
// All of `box` as the target.
Frame frame_of(Box box, Extent target);
// torchvision's Resize(shorter) then CenterCrop(target); neither side of target exceeds `shorter`.
Frame center_crop(Extent picture, Extent target, uint32_t shorter);

// EXIF's orientation, 1 to 8: mirrors of the stored picture, then rows become columns.
struct Orientation {
  bool transpose = false;
  bool mirror_x = false;
  bool mirror_y = false;
};
Orientation orientation_of(uint8_t exif);
Extent transposed(Extent extent, bool transpose);
// The box of the stored picture which is `box` upright.
Box stored_box(Box box, Extent stored, Orientation orientation);
Frame stored_frame(const Frame& frame, Extent stored, Orientation orientation);

// 8, 4 or 2 where the source, decoded at a 1/8, 1/4 or 1/2, is still no smaller than `resized`;
// else 1.
uint32_t scale_denominator(const Frame& frame);

// What must be decoded for a frame, and how each axis is resized from it. Where some planes have a
// sample for `coarsest_step` decoded pixels, the box reaches as far as those need.
struct Reach {
  Box decoded;
  AxisSpec columns;
  AxisSpec rows;
};
Reach reach_of(const Frame& frame, uint32_t scale_denominator, Orientation orientation,
               uint32_t coarsest_step = 1);
// The same axis on a plane with a sample for `step` pixels.
struct CoarseAxis {
  uint32_t step = 1;
  uint32_t offset = 0;  // where the decoded box begins, in pixels behind the left edge of sample 0
  uint32_t count = 0;
};
AxisSpec coarser(AxisSpec axis, const CoarseAxis& plane);

}  // namespace headrace::ops

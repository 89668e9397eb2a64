// Box arithmetic. Lengths stay below 2^17, products of two of them fit 64 bits.
#include "headrace/ops/crop.h"

#include <algorithm>
#include <cmath>

#include "headrace/base/check.h"

namespace headrace::ops {
namespace {

// Half to even, as Python rounds.
uint32_t rounded(double value) { return static_cast<uint32_t>(std::nearbyint(value)); }

Box centered(Extent picture, uint32_t width, uint32_t height) {
  return {(picture.width - width) / 2, (picture.height - height) / 2, width, height};
}

Box fallback_crop(Extent picture, const RandomCropOptions& options) {
  const double ratio = static_cast<double>(picture.width) / picture.height;
  uint32_t width = picture.width;
  uint32_t height = picture.height;
  if (ratio < options.ratio_low) height = rounded(width / options.ratio_low);
  if (ratio > options.ratio_high) width = rounded(height * options.ratio_high);
  return centered(picture, std::clamp(width, 1u, picture.width),
                  std::clamp(height, 1u, picture.height));
}

// The pixels that weigh in a range of targets: [begin, end) of the whole picture.
struct Span {
  uint32_t begin, end;
};

struct AxisFrame {
  uint32_t source_begin, source_size, resized, shown_begin, shown_size;
};

Span span_of(const AxisFrame& axis, uint32_t step) {
  const double scale = static_cast<double>(axis.source_size) / axis.resized;
  const double support = std::max<double>(scale, step) + step;
  const double low = axis.source_begin + axis.shown_begin * scale - support;
  const double high = axis.source_begin + (axis.shown_begin + axis.shown_size) * scale + support;
  const uint32_t end = axis.source_begin + axis.source_size;
  return {low <= axis.source_begin ? axis.source_begin : static_cast<uint32_t>(low),
          high >= end ? end : static_cast<uint32_t>(high)};
}

AxisSpec spec_of(const AxisFrame& axis, Span span, uint32_t step, bool mirror) {
  const uint32_t first_sample = span.begin / step;
  return {.begin = int64_t{axis.source_begin} - int64_t{first_sample} * step,
          .size = axis.source_size,
          .step = step,
          .count = (span.end + step - 1) / step - first_sample,
          .resized = axis.resized,
          .skipped = axis.shown_begin,
          .target = axis.shown_size,
          .mirror = mirror};
}

}  // namespace

Box random_resized_crop(Extent picture, const RandomCropOptions& options, Draws& draws) {
  const double area = static_cast<double>(picture.width) * picture.height;
  const double log_low = std::log(options.ratio_low);
  const double log_high = std::log(options.ratio_high);
  for (int tries = 0; tries < 10; ++tries) {
    const double target_area = area * draws.uniform(options.scale_low, options.scale_high);
    const double ratio = std::exp(draws.uniform(log_low, log_high));
    const uint32_t width = rounded(std::sqrt(target_area * ratio));
    const uint32_t height = rounded(std::sqrt(target_area / ratio));
    if (width == 0 || width > picture.width || height == 0 || height > picture.height) continue;
    const uint32_t y = draws.below(picture.height - height + 1);
    const uint32_t x = draws.below(picture.width - width + 1);
    return {x, y, width, height};
  }
  return fallback_crop(picture, options);
}

Frame frame_of(Box box, Extent target) {
  return {box, target, {0, 0, target.width, target.height}};
}

Frame center_crop(Extent picture, Extent target, uint32_t shorter) {
  HR_CHECK(target.width <= shorter && target.height <= shorter, "shorter {}", shorter);
  Extent resized{shorter, shorter};
  const auto longer = [&](uint64_t side, uint64_t other) {
    return static_cast<uint32_t>(shorter * side / other);
  };
  if (picture.width > picture.height) resized.width = longer(picture.width, picture.height);
  if (picture.height > picture.width) resized.height = longer(picture.height, picture.width);
  const Box shown{rounded((resized.width - target.width) / 2.0),
                  rounded((resized.height - target.height) / 2.0), target.width, target.height};
  return {{0, 0, picture.width, picture.height}, resized, shown};
}

Orientation orientation_of(uint8_t exif) {
  const bool known = exif >= 1 && exif <= 8;
  return {.transpose = known && exif >= 5,
          .mirror_x = exif == 2 || exif == 3 || exif == 7 || exif == 8,
          .mirror_y = exif == 3 || exif == 4 || exif == 6 || exif == 7};
}

Extent transposed(Extent extent, bool transpose) {
  return transpose ? Extent{extent.height, extent.width} : extent;
}

Box stored_box(Box box, Extent stored, Orientation orientation) {
  if (orientation.transpose) box = {box.y, box.x, box.height, box.width};
  if (orientation.mirror_x) box.x = stored.width - box.x - box.width;
  if (orientation.mirror_y) box.y = stored.height - box.y - box.height;
  return box;
}

Frame stored_frame(const Frame& frame, Extent stored, Orientation orientation) {
  const Extent resized = transposed(frame.resized, orientation.transpose);
  return {stored_box(frame.source, stored, orientation), resized,
          stored_box(frame.shown, resized, orientation)};
}

uint32_t scale_denominator(const Frame& frame) {
  for (const uint32_t scale : {8u, 4u, 2u}) {
    if (frame.source.width >= uint64_t{scale} * frame.resized.width &&
        frame.source.height >= uint64_t{scale} * frame.resized.height) {
      return scale;
    }
  }
  return 1;
}

Reach reach_of(const Frame& frame, uint32_t scale_denominator, Orientation orientation,
               uint32_t coarsest_step) {
  const AxisFrame columns{frame.source.x, frame.source.width, frame.resized.width, frame.shown.x,
                          frame.shown.width};
  const AxisFrame rows{frame.source.y, frame.source.height, frame.resized.height, frame.shown.y,
                       frame.shown.height};
  const Span x = span_of(columns, scale_denominator * coarsest_step);
  const Span y = span_of(rows, scale_denominator * coarsest_step);
  return {.decoded = {x.begin, y.begin, x.end - x.begin, y.end - y.begin},
          .columns = spec_of(columns, x, scale_denominator, orientation.mirror_x),
          .rows = spec_of(rows, y, scale_denominator, orientation.mirror_y)};
}

AxisSpec coarser(AxisSpec axis, const CoarseAxis& plane) {
  axis.begin += plane.offset;
  axis.step = plane.step;
  axis.count = plane.count;
  return axis;
}

}  // namespace headrace::ops

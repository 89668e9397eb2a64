// From planes of samples to pixels: upsampling a row at a time, color while the row is hot.
#include "headrace/jpeg/baseline_decoder.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "headrace/jpeg/color.h"
#include "headrace/jpeg/region_decoder.h"
#include "headrace/jpeg/turbo.h"
#include "headrace/jpeg/upsample.h"

namespace headrace::jpeg {
namespace {

// Vectors may write this much behind a row.
constexpr size_t k_row_slack_bytes = 64;

// libjpeg repeats the samples of components this narrow instead of mixing them.
constexpr uint32_t k_narrow_samples = 2;

std::expected<void, Failure> check(const Header& header, Box box,
                                   std::span<const std::byte> bytes) {
  if (!is_own_kind(header) || header.scan.offset_bytes > bytes.size()) {
    return std::unexpected(Failure{"not of the kind that the baseline decoder takes"});
  }
  const bool inside = box.width > 0 && box.height > 0 && box.x < header.width &&
                      box.y < header.height && box.width <= header.width - box.x &&
                      box.height <= header.height - box.y;
  if (!inside) return std::unexpected(Failure{"the box is not inside the picture"});
  if (uint64_t{box.width} * box.height > k_max_pixels) {
    return std::unexpected(Failure{"the box has too many pixels"});
  }
  return {};
}

void repeat_twice(const uint8_t* row, size_t sample_count, uint8_t* target) {
  for (size_t index = 0; index < 2 * sample_count; ++index) target[index] = row[index / 2];
}

}  // namespace

class BaselineDecoder::State {
 public:
  std::expected<ImageView, Failure> decode(std::span<const std::byte> bytes, const Header& header,
                                           Box box);
  std::expected<SampledPlanes, Failure> decode_planes(std::span<const std::byte> bytes,
                                                      const Header& header, Box box);
  void record(Laps* laps) {
    laps_ = laps;
    decoder_.record(laps);
  }

 private:
  void repeat_edges(const ComponentRegion& part, uint32_t index);
  const uint8_t* wide_row(const Header& header, const Region& region, uint32_t index, Box even_box,
                          uint32_t y);
  ImageView convert(const Header& header, const Region& region, Box box);

  RegionDecoder decoder_;
  Laps* laps_ = nullptr;
  std::vector<uint8_t> wide_rows_[3];  // one upsampled row a component
  std::vector<uint8_t> pixels_;        // three planes
};

std::expected<SampledPlanes, Failure> BaselineDecoder::State::decode_planes(
    std::span<const std::byte> bytes, const Header& header, Box box) {
  if (auto checked = check(header, box, bytes); !checked) {
    return std::unexpected(checked.error());
  }
  const Region region = region_of(header, box, Context::none);
  if (auto decoded = decoder_.decode(bytes, header, region); !decoded) {
    return std::unexpected(decoded.error());
  }
  SampledPlanes result;
  result.count = region.component_count;
  for (uint32_t index = 0; index < region.component_count; ++index) {
    const ComponentRegion& part = region.components[index];
    SampledPlane& plane = result.planes[index];
    SamplePlane& samples = decoder_.plane(index);
    plane.x = part.sample_columns.first;
    plane.y = part.sample_rows.first;
    plane.view = {samples.at(plane.x, plane.y), samples.stride_bytes(), part.sample_columns.count(),
                  part.sample_rows.count()};
    plane.pixels_wide = header.max_horizontal() / header.components[index].horizontal;
    plane.pixels_high = header.max_vertical() / header.components[index].vertical;
    plane.offset_x = box.x - plane.x * plane.pixels_wide;
    plane.offset_y = box.y - plane.y * plane.pixels_high;
  }
  return result;
}

std::expected<ImageView, Failure> BaselineDecoder::State::decode(std::span<const std::byte> bytes,
                                                                 const Header& header, Box box) {
  if (auto checked = check(header, box, bytes); !checked) {
    return std::unexpected(checked.error());
  }
  const Region region = region_of(header, box, Context::upsampling);
  if (auto decoded = decoder_.decode(bytes, header, region); !decoded) {
    return std::unexpected(decoded.error());
  }
  if (header.component_count == 1) {
    SamplePlane& luma = decoder_.plane(0);
    const PlaneView view{luma.at(box.x, box.y), luma.stride_bytes(), box.width, box.height};
    return ImageView{{view, view, view}};
  }
  const ImageView view = convert(header, region, box);
  mark(laps_, Part::color);
  return view;
}

// Upsampling reads a neighbour on both sides; at the picture's edges it is the edge itself.
void BaselineDecoder::State::repeat_edges(const ComponentRegion& part, uint32_t index) {
  SamplePlane& plane = decoder_.plane(index);
  const uint32_t last = part.samples_wide - 1;
  for (uint32_t row = part.sample_rows.first; row < part.sample_rows.end; ++row) {
    if (part.sample_columns.first == 0) {
      uint8_t* sample = plane.at(0, row);
      sample[-1] = sample[0];
    }
    if (part.sample_columns.end == part.samples_wide) {
      uint8_t* sample = plane.at(last, row);
      sample[1] = sample[0];
    }
  }
}

// One row of a component with a sample a pixel, from the box's first column on.
const uint8_t* BaselineDecoder::State::wide_row(const Header& header, const Region& region,
                                                uint32_t index, Box even_box, uint32_t y) {
  const ComponentRegion& part = region.components[index];
  SamplePlane& plane = decoder_.plane(index);
  const uint32_t step_x = header.max_horizontal() / header.components[index].horizontal;
  const uint32_t step_y = header.max_vertical() / header.components[index].vertical;
  const uint32_t column = even_box.x / step_x, row = y / step_y;
  const uint8_t* near = plane.at(column, row);
  if (step_x == 1) return near;
  uint8_t* target = wide_rows_[index].data();
  const size_t sample_count = (even_box.width + 1) / 2;
  if (part.samples_wide <= k_narrow_samples) {
    repeat_twice(near, sample_count, target);
  } else if (step_y == 1) {
    upsample_wide(near, sample_count, target);
  } else {
    const bool is_upper = y % 2 == 0;
    const uint32_t above = row > 0 ? row - 1 : 0;
    const uint32_t below = std::min(row + 1, part.samples_high - 1);
    upsample_both(near, plane.at(column, is_upper ? above : below), sample_count, target);
  }
  return target;
}

ImageView BaselineDecoder::State::convert(const Header& header, const Region& region, Box box) {
  const uint32_t skew = header.max_horizontal() == 2 ? box.x % 2 : 0;
  const Box even_box{box.x - skew, box.y, box.width + skew, box.height};
  const size_t stride_bytes = (even_box.width + 63) / 64 * 64 + k_row_slack_bytes;
  const size_t plane_bytes = stride_bytes * box.height + k_row_slack_bytes;
  if (pixels_.size() < 3 * plane_bytes) pixels_.resize(std::bit_ceil(3 * plane_bytes));
  for (uint32_t index = 1; index < 3; ++index) {
    auto& row = wide_rows_[index];
    if (row.size() < stride_bytes + 2 * k_row_slack_bytes) {
      row.resize(std::bit_ceil(stride_bytes + 2 * k_row_slack_bytes));
    }
    repeat_edges(region.components[index], index);
  }
  ImageView view;
  for (size_t index = 0; index < 3; ++index) {
    view.planes[index] = {pixels_.data() + index * plane_bytes + skew, stride_bytes, box.width,
                          box.height};
  }
  for (uint32_t row = 0; row < box.height; ++row) {
    const uint32_t y = box.y + row;
    const YcbcrRow source{wide_row(header, region, 0, even_box, y),
                          wide_row(header, region, 1, even_box, y),
                          wide_row(header, region, 2, even_box, y)};
    uint8_t* target = pixels_.data() + row * stride_bytes;
    convert_ycbcr(source, even_box.width, {target, target + plane_bytes, target + 2 * plane_bytes});
  }
  return view;
}

BaselineDecoder::BaselineDecoder() : state_(std::make_unique<State>()) {}
BaselineDecoder::BaselineDecoder(BaselineDecoder&&) noexcept = default;
BaselineDecoder& BaselineDecoder::operator=(BaselineDecoder&&) noexcept = default;
BaselineDecoder::~BaselineDecoder() = default;

std::expected<ImageView, Failure> BaselineDecoder::decode(std::span<const std::byte> bytes,
                                                          const Header& header, Box box) {
  return state_->decode(bytes, header, box);
}
std::expected<SampledPlanes, Failure> BaselineDecoder::decode_planes(
    std::span<const std::byte> bytes, const Header& header, Box box) {
  return state_->decode_planes(bytes, header, box);
}

void BaselineDecoder::record(Laps* laps) { state_->record(laps); }

}  // namespace headrace::jpeg

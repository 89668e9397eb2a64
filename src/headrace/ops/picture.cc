// Planes, and the first bytes that tell formats apart.
#include "headrace/ops/picture.h"

#include <cstring>
#include <string_view>

#include "headrace/base/check.h"

namespace headrace::ops {
namespace {

constexpr size_t k_readable_behind_bytes = 64;

}  // namespace

PictureKind kind_of(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("\xff\xd8\xff")) return PictureKind::jpeg;
  if (text.starts_with("\x89PNG\r\n\x1a\n")) return PictureKind::png;
  const bool webp = text.starts_with("RIFF") && text.size() >= 12 && text.substr(8, 4) == "WEBP";
  return webp ? PictureKind::webp : PictureKind::unknown;
}

void Picture::resize(uint32_t width, uint32_t height) {
  const size_t size_bytes = size_t{width} * height * 3 + k_readable_behind_bytes;
  if (planes_.size() < size_bytes) planes_.resize(size_bytes);
  width_ = width;
  height_ = height;
}

jpeg::ImageView Picture::view() const {
  jpeg::ImageView view;
  for (size_t c = 0; c < 3; ++c) {
    view.planes[c] = {planes_.data() + c * width_ * height_, width_, width_, height_};
  }
  return view;
}

void Picture::set_row(uint32_t y, const uint8_t* mixed) {
  const size_t plane = size_t{width_} * height_;
  uint8_t* red = planes_.data() + size_t{y} * width_;
  uint8_t* green = red + plane;
  uint8_t* blue = green + plane;
  for (uint32_t x = 0; x < width_; ++x) {
    red[x] = mixed[3 * x];
    green[x] = mixed[3 * x + 1];
    blue[x] = mixed[3 * x + 2];
  }
}

uint8_t* Picture::mixed(size_t size_bytes) {
  if (mixed_.size() < size_bytes) mixed_.resize(size_bytes);
  return mixed_.data();
}

jpeg::ImageView part_of(const jpeg::ImageView& view, const jpeg::Box& box) {
  HR_CHECK(box.x + box.width <= view.width() && box.y + box.height <= view.height());
  jpeg::ImageView part = view;
  for (jpeg::PlaneView& plane : part.planes) {
    plane.data += box.y * plane.stride_bytes + box.x;
    plane.width = box.width;
    plane.height = box.height;
  }
  return part;
}

}  // namespace headrace::ops

// A whole decoded picture as three planes, for the formats that cannot decode a part.
// Thread safety: one owner. The planes grow to the largest picture and stay.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "headrace/jpeg/image.h"
#include "headrace/ops/op.h"

namespace headrace::ops {

// Pillow's limit: 1 GiB of 4 bytes a pixel, a third of it.
inline constexpr uint64_t k_default_limit_pixels = 89'478'485;

enum class PictureKind { unknown, jpeg, png, webp };
// By the first bytes; names lie.
PictureKind kind_of(std::span<const std::byte> bytes);

class Picture {
 public:
  // Room for the planes. Their pixels are undefined.
  void resize(uint32_t width, uint32_t height);
  uint32_t width() const { return width_; }
  uint32_t height() const { return height_; }
  jpeg::ImageView view() const;
  // Splits row y from red, green, blue side by side.
  void set_row(uint32_t y, const uint8_t* mixed);
  // Memory for pixels before they are split.
  uint8_t* mixed(size_t size_bytes);

 private:
  uint32_t width_ = 0, height_ = 0;
  std::vector<uint8_t> planes_;
  std::vector<uint8_t> mixed_;
};

// The part of a view.
jpeg::ImageView part_of(const jpeg::ImageView& view, const jpeg::Box& box);

// What each decoder gives: nothing, or why not. Alpha is dropped, as Pillow's convert("RGB") does.
using PictureResult = std::expected<void, Failure>;

}  // namespace headrace::ops

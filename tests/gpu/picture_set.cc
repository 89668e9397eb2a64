// Sizes as in ImageNet (a side of 200 to 700), plus one of a single pixel and one that is wide.
#include "picture_set.h"

#include <algorithm>
#include <random>

namespace headrace::gpu {
namespace {

// A box of an axis of `length` pixels, which the filter sees nothing outside of.
ops::AxisSpec axis_of(uint32_t box, uint32_t target, bool mirror) {
  ops::AxisSpec axis = ops::whole_axis(box, target);
  axis.mirror = mirror;
  return axis;
}

}  // namespace

PictureSet::PictureSet(uint32_t picture_count, const kernels::PictureFormat& format) {
  std::mt19937 random(7);
  const auto between = [&](uint32_t low, uint32_t high) {
    return low + static_cast<uint32_t>(random()) % (high - low + 1);
  };
  for (uint32_t i = 0; i < picture_count; ++i) {
    const uint32_t width = i == 1 ? 1 : i == 2 ? 9000 : between(200, 700);
    const uint32_t height = i == 1 ? 1 : i == 2 ? 40 : between(200, 700);
    const uint32_t across = between((width + 1) / 2, width);
    const uint32_t down = between((height + 1) / 2, height);
    const uint64_t begin = pixels_.size() + 3 * (uint64_t{between(0, height - down)} * width +
                                                 between(0, width - across));
    pixels_.resize(pixels_.size() + size_t{3} * width * height);
    offsets_.push_back(begin);
    pictures_.push_back({.stride_bytes = uint64_t{3} * width,
                         .columns = axis_of(across, format.width, i % 2 == 1),
                         .rows = axis_of(down, format.height, false)});
  }
  std::ranges::generate(pixels_, [&] { return static_cast<uint8_t>(random() >> 8); });
}

std::vector<kernels::Picture> PictureSet::pictures(const uint8_t* base) const {
  std::vector<kernels::Picture> result = pictures_;
  for (size_t i = 0; i < result.size(); ++i) {
    result[i].pixels = base + offsets_[i];
    result[i].target_row = static_cast<uint32_t>(i);
  }
  return result;
}

uint64_t PictureSet::cropped_bytes() const {
  uint64_t total = 0;
  for (const auto& picture : pictures_) {
    total += uint64_t{3} * picture.columns.count * picture.rows.count;
  }
  return total;
}

}  // namespace headrace::gpu

// Pictures made from a seed, as a decoder would leave them on a device, with crops of each kind.
// Thread safety: const once made.
#pragma once

#include <cstdint>
#include <vector>

#include "headrace/kernels/pictures.h"

namespace headrace::gpu {

class PictureSet {
 public:
  PictureSet(uint32_t picture_count, const kernels::PictureFormat& format);
  const std::vector<uint8_t>& pixels() const { return pixels_; }
  // Whose pixels begin at `base`: of a copy on a device, or of pixels() itself.
  std::vector<kernels::Picture> pictures(const uint8_t* base) const;
  // What must be read: the pixels within the crops.
  uint64_t cropped_bytes() const;

 private:
  std::vector<uint8_t> pixels_;
  std::vector<kernels::Picture> pictures_;  // pixels: offsets
  std::vector<uint64_t> offsets_;
};

}  // namespace headrace::gpu

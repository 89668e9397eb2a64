// JPEG files made from a seed, with the restart intervals that pack gives them, and what decoding
// them on a device takes. Thread safety: const once made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "headrace/kernels/jpeg_plan.h"

namespace headrace::gpu {

inline constexpr uint32_t k_jpeg_width = 500, k_jpeg_height = 375;
inline constexpr size_t k_jpeg_pixel_bytes = size_t{3} * k_jpeg_width * k_jpeg_height;

class JpegSet {
 public:
  explicit JpegSet(uint32_t picture_count);
  uint32_t count() const { return static_cast<uint32_t>(offsets_.size()); }
  const std::vector<std::byte>& coded() const { return coded_; }  // one after another
  std::span<std::byte> to_pin() { return coded_; }
  std::span<const std::byte> file(uint32_t index) const;
  // Pixels of picture i begin at i * k_jpeg_pixel_bytes. Throws Error.
  kernels::JpegPlan plan(uint8_t* pixels) const;
  // By the CPU's decoder, as the kernels would leave them.
  std::vector<uint8_t> by_the_cpu() const;

 private:
  std::vector<std::byte> coded_;
  std::vector<size_t> offsets_, sizes_;
};

}  // namespace headrace::gpu

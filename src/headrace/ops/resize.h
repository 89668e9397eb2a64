// Antialiased bilinear resize of one plane: rows first, then columns on a transposed strip, in
// integers (Highway; the same bits on every target). Thread safety: one owner.
// 1. Each pixel is within 1 of Pillow's crop(box).resize(size, BILINEAR), and a flat plane stays
// so.
// 2. Nothing outside the plane given is seen. 3. Nothing is allocated once warm.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "headrace/jpeg/image.h"
#include "headrace/ops/weights.h"

namespace headrace::ops {

inline constexpr uint32_t k_strip_rows = 32;
inline constexpr uint32_t k_row_padding_bytes = 64;  // behind each target row; may be overwritten

// Target rows of one plane: row r starts at data + r * stride_bytes.
struct StripView {
  uint8_t* data = nullptr;
  size_t stride_bytes = 0;  // at least target width + k_row_padding_bytes
};

class Resizer {
 public:
  void prepare(const AxisSpec& columns, const AxisSpec& rows);
  uint32_t width() const { return columns_.target(); }
  uint32_t height() const { return rows_.target(); }
  // Makes target rows first_row .. first_row + k_strip_rows; those behind the last repeat it.
  void strip(const jpeg::PlaneView& source, uint32_t first_row, const StripView& target);

 private:
  AxisWeights columns_;
  AxisWeights rows_;
  std::vector<uint16_t> columns_scratch_;  // a strip of blended rows
  std::vector<uint16_t> turned_scratch_;   // the same, 32 rows of one column side by side
  std::vector<uint8_t> target_scratch_;    // likewise, resized
};

}  // namespace headrace::ops

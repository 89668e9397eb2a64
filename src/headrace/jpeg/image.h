// Pixels as every decoder hands them to the resizer: one plane a color, rows of bytes.
// Ownership: views borrow; they die with the next call of the decoder that made them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::jpeg {

// In pixels of the upright or stored picture, as the function says.
struct Box {
  uint32_t x = 0, y = 0, width = 0, height = 0;
  bool operator==(const Box&) const = default;
};

// One plane: row r starts at data + r * stride_bytes. 64 bytes behind the last row may be read
// (never used).
struct PlaneView {
  const uint8_t* data = nullptr;
  size_t stride_bytes = 0;
  uint32_t width = 0, height = 0;
};

// Red, green, blue of one region of a picture.
struct ImageView {
  PlaneView planes[3];
  uint32_t width() const { return planes[0].width; }
  uint32_t height() const { return planes[0].height; }
};

// Why bytes are no picture that we take. `what` is a literal, so that nothing is allocated on the
// batch path.
struct Failure {
  const char* what = "";
  uint64_t offset_bytes = 0;
};

}  // namespace headrace::jpeg

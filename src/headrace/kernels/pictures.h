// A batch of pictures of any sizes in one launch: crop, antialiased resize, flip, normalization,
// layout and type, fused: from decoded pixels straight to the batch's rows.
// Thread safety: values and pure functions. Invariants: 1. the bits depend on nothing but the
// pictures: not on the device, the block size, or whether rows fit into shared memory. 2. Before
// normalization they are those of ops/resize.h without its cutting off: within 1 of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "headrace/ops/weights.h"

namespace headrace::ops {
class PixelWriter;
}

namespace headrace::kernels {

// Red, green, blue, red, ... as stored, and where it goes. Pixels and target must be memory of who
// runs it: device or host. Where rows lie a multiple of 4 bytes apart, each begins at one, as seen
// from the first byte of the memory, and all bytes of the words that they lie in may be read.
struct Picture {
  const uint8_t* pixels = nullptr;
  uint64_t stride_bytes = 0;
  ops::AxisSpec columns;  // of count pixels a row
  ops::AxisSpec rows;
  uint32_t target_row = 0;  // of the batch
  bool transpose = false;   // columns become the target's rows, as EXIF may ask for
};

enum class Element : uint32_t { uint8, float16, bfloat16, float32 };

struct PictureFormat {
  uint32_t width = 224, height = 224;  // of each picture once it is turned
  bool planar = true;                  // chw, or hwc
  Element element = Element::float32;
  float offset[3] = {0, 0, 0};  // a float is (value - offset) * factor
  float factor[3] = {1, 1, 1};
};

// What the kernel is given.
struct PictureBatch {
  const Picture* pictures = nullptr;
  uint32_t picture_count = 0;
  uint32_t shared_words = 0;  // of 16 bits, a block; tiles that need more do without
  std::byte* target = nullptr;
  PictureFormat format;
};

inline constexpr uint32_t k_tile_columns = 64;
inline constexpr uint32_t k_tile_rows = 8;  // one after another in a block
inline constexpr uint32_t k_picture_threads = 192;
inline constexpr uint32_t k_shared_words_most = 24 << 10;  // 48 KiB: what every device has

struct PictureLaunch {
  uint32_t tile_count = 0;  // grid's x: of a picture; its y is the pictures
};
size_t size_of(Element element);
PictureFormat format_of(const ops::PixelWriter& writer);  // what an operator on the host writes
// Sets shared_words. `pictures` is the same list in host memory.
PictureLaunch plan_launch(std::span<const Picture> pictures, PictureBatch& batch);
// The host twin: the kernel's own body.
void run_pictures(const PictureBatch& batch, const PictureLaunch& launch);

inline constexpr const char* k_picture_kernel = "hr_pictures";

}  // namespace headrace::kernels

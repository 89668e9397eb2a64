// Headrace's own decoder for the JPEG kind that pack writes (is_own_kind): only the restart
// intervals that a box touches are decoded. Thread safety: one decoder a thread; its buffers grow
// to the largest box and stay.
// 1. decode() gives the pixels of libjpeg-turbo's full decode (islow, fancy upsampling), bit for
//    bit, or a Failure: never other pixels. Where libjpeg-turbo would warn in what is read, or the
//    kind is another one, it is a Failure, and the caller asks libjpeg-turbo.
// 2. No byte outside the span is read, and the work is bounded by the span's size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>

#include "headrace/base/laps.h"
#include "headrace/jpeg/header.h"
#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

// One component of a box at its own sampling: all samples that touch the box.
struct SampledPlane {
  PlaneView view;
  uint32_t x = 0, y = 0;  // of the view's first sample, in samples of the picture
  uint32_t pixels_wide = 1, pixels_high = 1;  // that one sample stands for
  // How far inside the view the box begins, in pixels: 0 or 1.
  uint32_t offset_x = 0, offset_y = 0;
};

// Y, Cb, Cr, or Y alone of a grey picture.
struct SampledPlanes {
  SampledPlane planes[3];
  uint32_t count = 0;
};

class BaselineDecoder {
 public:
  BaselineDecoder();
  BaselineDecoder(BaselineDecoder&&) noexcept;
  BaselineDecoder& operator=(BaselineDecoder&&) noexcept;
  ~BaselineDecoder();

  // `header` is what parse_header gave for these bytes; the box is in pixels of the stored picture.
  // Grey pictures give three equal planes (one and the same memory). Valid until the next call.
  std::expected<ImageView, Failure> decode(std::span<const std::byte> bytes, const Header& header,
                                           Box box);
  // The components as they are coded, for those who resize them apart and convert color after.
  std::expected<SampledPlanes, Failure> decode_planes(std::span<const std::byte> bytes,
                                                      const Header& header, Box box);

  // Where the time goes, from now on; null = nobody asks.
  void record(Laps* laps);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace headrace::jpeg

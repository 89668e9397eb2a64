// libjpeg-turbo behind one call: a box of a picture as three planes. Takes every JPEG that
// libjpeg-turbo takes. Thread safety: one decoder a thread. Its own buffers stay from picture to
// picture; libjpeg's do not.
// 1. At scale 1 the pixels are those of a full decode (islow DCT, fancy upsampling) cut to the box,
// bit for bit.
// 2. Damaged or truncated data are a Failure, never grey pixels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>

#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

// Twice Pillow's warning limit, where Pillow refuses a picture as a decompression bomb.
inline constexpr uint64_t k_max_pixels = 2 * 178'956'970ULL;

struct TurboOptions {
  uint32_t scale_denominator = 1;  // 1, 2, 4 or 8: the DCT itself makes the smaller picture
};

class TurboDecoder {
 public:
  TurboDecoder();
  TurboDecoder(TurboDecoder&&) noexcept;
  TurboDecoder& operator=(TurboDecoder&&) noexcept;
  ~TurboDecoder();

  // The box is in full-size pixels of the stored picture. At scale 1/d the view holds the scaled
  // pixels from floor(x / d) up to, not including, ceil((x + width) / d), and rows alike. Grey
  // pictures give three equal planes (one and the same memory). Valid until the next call.
  std::expected<ImageView, Failure> decode(std::span<const std::byte> bytes, Box box,
                                           const TurboOptions& options = {});

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace headrace::jpeg

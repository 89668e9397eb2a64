// The one face of JPEG decoding that operators use; it picks the quickest decoder that gives the
// exact pixels. Thread safety: one decoder a thread. Its buffers grow to the largest picture and
// stay.
// 1. At scale 1 the pixels are those of libjpeg-turbo's full decode (islow, fancy upsampling) cut
// to the box.
// 2. Damaged or truncated data in or above the box are a Failure, and so is a file without its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

#include "headrace/jpeg/baseline_decoder.h"
#include "headrace/jpeg/header.h"
#include "headrace/jpeg/image.h"
#include "headrace/jpeg/turbo.h"

namespace headrace::jpeg {

class Decoder {
 public:
  // `header` is what parse_header gave for these bytes; the box is in full-size pixels of the
  // stored picture (EXIF orientation not applied). At scale 1/d (1, 2, 4 or 8) the view holds the
  // scaled pixels from floor(x / d) up to, not including, ceil((x + width) / d), and rows alike.
  // Valid until the next call.
  std::expected<ImageView, Failure> decode(std::span<const std::byte> bytes, const Header& header,
                                           Box box, uint32_t scale_denominator);
  // The box's components as they are coded: none where only decode() gives pixels or the failure.
  std::optional<SampledPlanes> decode_planes(std::span<const std::byte> bytes, const Header& header,
                                             Box box);

  // Where the time goes, from now on; null = nobody asks.
  void record(Laps* laps) { baseline_.record(laps); }

 private:
  BaselineDecoder baseline_;
  TurboDecoder turbo_;
};

}  // namespace headrace::jpeg

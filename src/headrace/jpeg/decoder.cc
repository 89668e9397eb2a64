// Which decoder takes which picture. The own decoder refuses whatever libjpeg-turbo would at least
// warn of, and a picture that it refuses is asked of libjpeg-turbo, which has the last word and the
// words for the failure.
#include "headrace/jpeg/decoder.h"

#include "headrace/base/check.h"

namespace headrace::jpeg {
namespace {

bool is_own(std::span<const std::byte> bytes, const Header& header) {
  HR_CHECK(header.scan.offset_bytes <= bytes.size(), "a header of other bytes");
  return is_own_kind(header) && has_end_marker(bytes, header.scan.offset_bytes);
}

}  // namespace

std::expected<ImageView, Failure> Decoder::decode(std::span<const std::byte> bytes,
                                                  const Header& header, Box box,
                                                  uint32_t scale_denominator) {
  if (scale_denominator == 1 && is_own(bytes, header)) {
    const auto view = baseline_.decode(bytes, header, box);
    if (view.has_value()) return view;
  }
  return turbo_.decode(bytes, box, {.scale_denominator = scale_denominator});
}

std::optional<SampledPlanes> Decoder::decode_planes(std::span<const std::byte> bytes,
                                                    const Header& header, Box box) {
  if (!is_own(bytes, header)) return std::nullopt;
  const auto planes = baseline_.decode_planes(bytes, header, box);
  return planes ? std::optional(*planes) : std::nullopt;
}

}  // namespace headrace::jpeg

// Which decoder takes which picture.
#include "headrace/jpeg/decoder.h"

#include "headrace/base/check.h"

namespace headrace::jpeg {

std::expected<ImageView, Failure> Decoder::decode(std::span<const std::byte> bytes,
                                                  const Header& header, Box box,
                                                  uint32_t scale_denominator) {
  HR_CHECK(header.scan.offset_bytes <= bytes.size(), "a header of other bytes");
  return turbo_.decode(bytes, box, {.scale_denominator = scale_denominator});
}

}  // namespace headrace::jpeg

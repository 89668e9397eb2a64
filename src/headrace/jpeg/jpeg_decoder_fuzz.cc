// Any bytes to decode, in a box that the last bytes choose: a box equals that part of the whole
// picture.
#include <cstdint>

#include "headrace/base/check.h"
#include "headrace/jpeg/box_check.h"
#include "headrace/jpeg/decoder.h"

namespace {

using namespace headrace::jpeg;

constexpr uint64_t k_most_pixels = 1 << 16;  // keeps one input short

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Decoder decoder;
  static TurboDecoder oracle;
  if (size < 4) return 0;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = parse_header(bytes);
  if (!header.has_value() || uint64_t{header->width} * header->height > k_most_pixels) return 0;
  const Box box = choose_box(*header, data + size - 4);
  const auto part = decoder.decode(bytes, *header, box, 1);
  const auto whole = oracle.decode(bytes, {.width = header->width, .height = header->height});
  if (!whole.has_value()) return 0;  // damage may lie outside the box
  HR_CHECK(part.has_value(), "{}", part.error().what);
  check_same(*part, *whole, box);
  decoder.decode(bytes, *header, box, 2 << data[size - 1] % 3);
  return 0;
}

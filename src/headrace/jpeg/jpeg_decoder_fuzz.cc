// Any bytes to decode, in a box that the last bytes choose: a box equals that part of the whole
// picture.
#include <cstdint>
#include <cstring>

#include "headrace/base/check.h"
#include "headrace/jpeg/decoder.h"

namespace {

using namespace headrace::jpeg;

constexpr uint64_t k_most_pixels = 1 << 16;  // keeps one input short

Box choose_box(const Header& header, const uint8_t* choice) {
  Box box;
  box.x = choice[0] * header.width / 256;
  box.y = choice[1] * header.height / 256;
  box.width = 1 + choice[2] * (header.width - box.x - 1) / 255;
  box.height = 1 + choice[3] * (header.height - box.y - 1) / 255;
  return box;
}

void check_same(const ImageView& part, const ImageView& whole, const Box& box) {
  for (size_t plane = 0; plane < 3; ++plane) {
    const PlaneView &small = part.planes[plane], &large = whole.planes[plane];
    for (uint32_t row = 0; row < box.height; ++row) {
      HR_CHECK(std::memcmp(small.data + row * small.stride_bytes,
                           large.data + (box.y + row) * large.stride_bytes + box.x,
                           box.width) == 0);
    }
  }
}

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

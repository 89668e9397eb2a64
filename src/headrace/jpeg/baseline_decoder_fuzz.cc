// libjpeg-turbo as the oracle: where it warns, the own decoder refuses; what the own decoder takes
// has the same pixels, whole and in the box that the last bytes choose.
#include <cstdint>
#include <cstring>

#include "headrace/base/check.h"
#include "headrace/jpeg/baseline_decoder.h"
#include "headrace/jpeg/turbo.h"

namespace {

using namespace headrace::jpeg;

constexpr uint64_t k_most_pixels = 1 << 15;  // keeps one input short

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
                           large.data + (box.y + row) * large.stride_bytes + box.x, box.width) == 0,
               "row {} of {}x{}", row, box.width, box.height);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static BaselineDecoder decoder;
  static TurboDecoder oracle;
  if (size < 4) return 0;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = parse_header(bytes);
  if (!header.has_value() || uint64_t{header->width} * header->height > k_most_pixels) return 0;
  const Box all{.width = header->width, .height = header->height};
  const Box box = choose_box(*header, data + size - 4);
  const auto whole = oracle.decode(bytes, all);
  const auto own_whole = decoder.decode(bytes, *header, all);
  if (own_whole.has_value()) {
    HR_CHECK(whole.has_value(), "{}", whole.error().what);
    check_same(*own_whole, *whole, all);
  }
  const bool was_whole = own_whole.has_value();
  const auto own_part = decoder.decode(bytes, *header, box);
  HR_CHECK(own_part.has_value() || !was_whole, "{}", own_part.error().what);
  if (own_part.has_value() && whole.has_value()) check_same(*own_part, *whole, box);
  decoder.decode_planes(bytes, *header, box);
  return 0;
}

// libjpeg-turbo as the oracle: where it warns, the own decoder refuses; what the own decoder takes
// has the same pixels, whole and in the box that the last bytes choose.
#include <cstdint>

#include "headrace/base/check.h"
#include "headrace/jpeg/baseline_decoder.h"
#include "headrace/jpeg/box_check.h"
#include "headrace/jpeg/turbo.h"

namespace {

using namespace headrace::jpeg;

constexpr uint64_t k_most_pixels = 1 << 15;  // keeps one input short

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

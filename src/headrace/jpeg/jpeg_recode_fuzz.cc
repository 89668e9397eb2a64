// Any bytes to recode: what is taken decodes, whole, to the pixels of its source.
#include <cstdint>
#include <vector>

#include "headrace/base/check.h"
#include "headrace/jpeg/box_check.h"
#include "headrace/jpeg/header.h"
#include "headrace/jpeg/recode.h"
#include "headrace/jpeg/turbo.h"

namespace {

constexpr uint64_t k_most_pixels = 1 << 16;  // keeps one input short

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::jpeg;
  static TurboDecoder decoder, other_decoder;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto header = parse_header(bytes);
  if (!header.has_value() || uint64_t{header->width} * header->height > k_most_pixels) return 0;
  const auto recoded = recode(bytes);
  if (!recoded.has_value()) return 0;
  const Box whole{.width = header->width, .height = header->height};
  const auto before = decoder.decode(bytes, whole);
  if (!before.has_value()) return 0;
  const auto after = other_decoder.decode(*recoded, whole);
  HR_CHECK(after.has_value(), "{}", after.error().what);
  check_same(*after, *before, whole);
  return 0;
}

// Vectors are looked at whole: most hold no 0xFF at all and are copied, or passed over, as they
// are.
#include "headrace/jpeg/unstuff.h"

#include <cstring>

#include "headrace/jpeg/simd_targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/jpeg/unstuff.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace headrace::jpeg {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

inline constexpr uint8_t k_escape = 0xff;

// SIZE_MAX when there is none.
size_t find_marker_from(const uint8_t* bytes, size_t size_bytes, size_t from) {
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto escape = hn::Set(d, k_escape);
  size_t index = from;
  // One byte more than the vector, for what follows its last.
  while (index < size_bytes && size_bytes - index > lanes) {
    const auto here = hn::LoadU(d, bytes + index), after = hn::LoadU(d, bytes + index + 1);
    const auto found = hn::AndNot(hn::Eq(after, hn::Zero(d)), hn::Eq(here, escape));
    const intptr_t place = hn::FindFirstTrue(d, found);
    if (place >= 0) return index + static_cast<size_t>(place);
    index += lanes;
  }
  for (; index + 1 < size_bytes; ++index) {
    if (bytes[index] == k_escape && bytes[index + 1] != 0) return index;
  }
  return SIZE_MAX;
}

size_t unstuff_bytes(const uint8_t* source, size_t size_bytes, uint8_t* target) {
  const hn::ScalableTag<uint8_t> d;
  const size_t lanes = hn::Lanes(d);
  const auto escape = hn::Set(d, k_escape);
  size_t read = 0, written = 0;
  while (read < size_bytes && size_bytes - read >= lanes) {
    const auto vector = hn::LoadU(d, source + read);
    hn::StoreU(vector, d, target + written);
    const intptr_t place = hn::FindFirstTrue(d, hn::Eq(vector, escape));
    if (place < 0) {
      read += lanes;
      written += lanes;
    } else {
      read += static_cast<size_t>(place) + 2;
      written += static_cast<size_t>(place) + 1;
    }
  }
  while (read < size_bytes) {
    const uint8_t byte = source[read++];
    target[written++] = byte;
    if (byte == k_escape) ++read;
  }
  return written;
}

}  // namespace HWY_NAMESPACE
}  // namespace headrace::jpeg
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::jpeg {

HWY_EXPORT(find_marker_from);
HWY_EXPORT(unstuff_bytes);

std::optional<size_t> find_marker(std::span<const std::byte> bytes, size_t from) {
  const size_t place = HWY_DYNAMIC_DISPATCH(find_marker_from)(
      reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), from);
  return place == SIZE_MAX ? std::nullopt : std::optional(place);
}

size_t unstuff(std::span<const std::byte> source, uint8_t* target) {
  return HWY_DYNAMIC_DISPATCH(unstuff_bytes)(reinterpret_cast<const uint8_t*>(source.data()),
                                             source.size(), target);
}

}  // namespace headrace::jpeg
#endif

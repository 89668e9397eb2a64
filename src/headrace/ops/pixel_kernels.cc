// Bytes to normalized values in their layout, a vector at a time; the last vector of a row overlaps
// the one before, and a row shorter than a vector goes by a buffer: what follows may be another
// thread's.
#include "headrace/ops/pixel_kernels.h"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "headrace/ops/pixel_kernels.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace headrace::ops {
namespace HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void write_kernel(const PixelJob& job) {
  const size_t size_bytes = job.writer.row_bytes();
  job.writer.write_plain(job.rows, {job.target, size_bytes});
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;

// Not one fused operation: targets without it would give other bits, and the compiler cannot fuse
// a subtraction that comes first.
HWY_INLINE hn::Vec<Floats> normalized(const uint8_t* from, float offset, float factor) {
  const Floats d;
  const hn::Rebind<uint8_t, Floats> d8;
  const hn::Rebind<int32_t, Floats> d32;
  const auto values = hn::ConvertTo(d, hn::PromoteTo(d32, hn::LoadU(d8, from)));
  return hn::Mul(hn::Sub(values, hn::Set(d, offset)), hn::Set(d, factor));
}

// Each makes one vector of a color's values from bytes.
struct ToFloat32 {
  using Lane = float;
  using Tag = Floats;
  float offset, factor;
  explicit ToFloat32(const PixelWriter& writer, size_t color)
      : offset(writer.offset(color)), factor(writer.factor(color)) {}
  HWY_INLINE hn::Vec<Tag> operator()(const uint8_t* from) const {
    return normalized(from, offset, factor);
  }
};

struct ToBfloat16 {
  using Lane = uint16_t;
  using Tag = hn::Rebind<uint16_t, Floats>;
  float offset, factor;
  explicit ToBfloat16(const PixelWriter& writer, size_t color)
      : offset(writer.offset(color)), factor(writer.factor(color)) {}
  HWY_INLINE hn::Vec<Tag> operator()(const uint8_t* from) const {
    const hn::Rebind<uint32_t, Floats> d32;
    const auto bits = hn::BitCast(d32, normalized(from, offset, factor));
    const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d32, 1));
    const auto rounded = hn::Add(hn::Add(bits, odd), hn::Set(d32, 0x7fff));
    const hn::Rebind<int32_t, Floats> signed32;
    // Kept in the signed range, which is what every target narrows without changing bits.
    const auto high = hn::ShiftRight<16>(hn::BitCast(signed32, rounded));
    const hn::Rebind<int16_t, Floats> d16;
    return hn::BitCast(Tag(), hn::DemoteTo(d16, high));
  }
};

struct ToFloat16 {
  using Lane = uint16_t;
  using Tag = hn::Rebind<uint16_t, Floats>;
  float offset, factor;
  explicit ToFloat16(const PixelWriter& writer, size_t color)
      : offset(writer.offset(color)), factor(writer.factor(color)) {}
  HWY_INLINE hn::Vec<Tag> operator()(const uint8_t* from) const {
    const hn::Rebind<hwy::float16_t, Floats> d16;
    return hn::BitCast(Tag(), hn::DemoteTo(d16, normalized(from, offset, factor)));
  }
};

struct ToUint8 {
  using Lane = uint8_t;
  using Tag = hn::ScalableTag<uint8_t>;
  explicit ToUint8(const PixelWriter&, size_t) {}
  HWY_INLINE hn::Vec<Tag> operator()(const uint8_t* from) const { return hn::LoadU(Tag(), from); }
};

// A batch is larger than the caches, and its reader comes much later: whole lines go past them
// (9 % of the whole path for float32 at 224x224 on Zen 4), parts of lines must not.
HWY_INLINE bool in_whole_lines(const void* target, size_t size_bytes) {
  return (reinterpret_cast<uintptr_t>(target) | size_bytes) % 64 == 0;
}

template <class Convert>
HWY_INLINE void write_plane_row(const Convert& convert, const uint8_t* HWY_RESTRICT from,
                                uint32_t width, std::byte* HWY_RESTRICT to) {
  using Lane = typename Convert::Lane;
  const typename Convert::Tag d;
  const size_t lanes = hn::Lanes(d);
  Lane* target = reinterpret_cast<Lane*>(to);
  size_t x = 0;
  constexpr bool full_vector = hn::MaxLanes(d) * sizeof(Lane) >= 16;  // Stream writes no less
  if (full_vector && in_whole_lines(target, width * sizeof(Lane))) {
    for (; x + lanes <= width; x += lanes) hn::Stream(convert(from + x), d, target + x);
  } else {
    for (; x + lanes <= width; x += lanes) hn::StoreU(convert(from + x), d, target + x);
  }
  if (x == width) return;
  if (width >= lanes) return hn::StoreU(convert(from + width - lanes), d, target + width - lanes);
  HWY_ALIGN Lane rest[hn::MaxLanes(d)];
  hn::Store(convert(from), d, rest);
  std::memcpy(target, rest, width * sizeof(Lane));
}

template <class Convert>
HWY_INLINE void write_mixed_row(const Convert (&convert)[3], const uint8_t* const (&from)[3],
                                uint32_t width, std::byte* HWY_RESTRICT to) {
  using Lane = typename Convert::Lane;
  const typename Convert::Tag d;
  const size_t lanes = hn::Lanes(d);
  Lane* target = reinterpret_cast<Lane*>(to);
  const auto store = [&](size_t x, Lane* place) {
    hn::StoreInterleaved3(convert[0](from[0] + x), convert[1](from[1] + x), convert[2](from[2] + x),
                          d, place);
  };
  size_t x = 0;
  for (; x + lanes <= width; x += lanes) store(x, target + 3 * x);
  if (x == width) return;
  if (width >= lanes) return store(width - lanes, target + 3 * (width - lanes));
  HWY_ALIGN Lane rest[3 * hn::MaxLanes(d)];
  store(0, rest);
  std::memcpy(target, rest, 3 * width * sizeof(Lane));
}

template <class Convert>
void write_rows(const PixelJob& job) {
  const PixelFormat& format = job.writer.format();
  const Convert convert[3] = {Convert(job.writer, 0), Convert(job.writer, 1),
                              Convert(job.writer, 2)};
  const size_t line_bytes = format.width * sizeof(typename Convert::Lane);
  const auto& planes = job.rows.planes;
  for (uint32_t r = 0; r < job.rows.row_count; ++r) {
    const size_t y = job.rows.first_row + r;
    const uint8_t* from[3];
    for (size_t c = 0; c < 3; ++c) from[c] = planes[c].data + r * planes[c].stride_bytes;
    if (format.layout == Layout::hwc) {
      write_mixed_row(convert, from, format.width, job.target + 3 * y * line_bytes);
      continue;
    }
    for (size_t c = 0; c < 3; ++c) {
      write_plane_row(convert[c], from[c], format.width,
                      job.target + (c * format.height + y) * line_bytes);
    }
  }
}

// Before F16C the conversion is emulated, and rounds otherwise.
void write_float16(const PixelJob& job) {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
  job.writer.write_plain(job.rows, {job.target, job.writer.row_bytes()});
#else
  write_rows<ToFloat16>(job);
#endif
}

void write_kernel(const PixelJob& job) {
  switch (job.writer.format().type) {
    case Type::uint8:
      return write_rows<ToUint8>(job);
    case Type::float16:
      return write_float16(job);
    case Type::bfloat16:
      return write_rows<ToBfloat16>(job);
    default:
      return write_rows<ToFloat32>(job);
  }
}

#endif

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace headrace::ops
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace headrace::ops {

HWY_EXPORT(write_kernel);

void write_pixels(const PixelJob& job) { HWY_DYNAMIC_DISPATCH(write_kernel)(job); }

}  // namespace headrace::ops
#endif

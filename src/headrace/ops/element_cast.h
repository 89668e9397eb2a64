// One element to another type, where its value survives: integers fit, or are exact as a float;
// floats become narrower floats, rounded to the nearest, and never integers.
// Thread safety: pure.
#pragma once

#include <bit>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <utility>

#include "headrace/ops/pixel_format.h"

namespace headrace::ops {

struct Float16 {
  uint16_t bits = 0;
};
struct BFloat16 {
  uint16_t bits = 0;
};

inline float widened(Float16 half) {
  const uint32_t sign = uint32_t{half.bits} >> 15 << 31;
  const uint32_t exponent = half.bits >> 10 & 31, fraction = half.bits & 0x3ff;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
  }
  const uint32_t wide = exponent == 31 ? 0xff : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

inline void narrow(float value, Float16& to) {
  to.bits = std::isnan(value) ? uint16_t{0x7e00} : to_float16(value);
}
inline void narrow(float value, BFloat16& to) {
  to.bits = std::isnan(value) ? uint16_t{0x7fc0} : to_bfloat16(value);
}
inline void narrow(float value, float& to) { to = value; }

// Of whole numbers, all up to this are exact.
constexpr uint64_t exact_limit(Float16) { return uint64_t{1} << 11; }
constexpr uint64_t exact_limit(BFloat16) { return uint64_t{1} << 8; }
constexpr uint64_t exact_limit(float) { return uint64_t{1} << 24; }

// False: `to` cannot hold the value.
template <std::integral From, std::integral To>
bool cast_element(From value, To& to) {
  to = static_cast<To>(value);
  return std::in_range<To>(value);
}
template <std::integral From, typename To>
bool cast_element(From value, To& to) {
  const bool fits = std::cmp_less_equal(value, exact_limit(To{})) &&
                    (std::unsigned_integral<From> ||
                     std::cmp_greater_equal(value, -static_cast<int64_t>(exact_limit(To{}))));
  narrow(fits ? static_cast<float>(value) : 0.0f, to);
  return fits;
}
template <std::floating_point From, std::integral To>
bool cast_element(From, To& to) {
  to = 0;
  return false;
}
template <std::floating_point From, typename To>
bool cast_element(From value, To& to) {
  narrow(static_cast<float>(value), to);
  return true;
}
template <typename To>
bool cast_element(Float16 value, To& to) {
  return cast_element(widened(value), to);
}

}  // namespace headrace::ops

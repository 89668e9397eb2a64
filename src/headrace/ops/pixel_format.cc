// Checks, tables, and the writer that uses nothing else.
#include "headrace/ops/pixel_format.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "headrace/base/check.h"
#include "headrace/base/error.h"
#include "headrace/ops/pixel_kernels.h"

namespace headrace::ops {
namespace {

constexpr uint32_t k_max_side = 16384;

[[noreturn]] void refuse(const char* cause) {
  throw Error({.code = Code::invalid_argument,
               .action = "cannot make pictures in this format",
               .cause = cause});
}

void check(const PixelFormat& format) {
  if (format.type == Type::int32 || format.type == Type::int64) {
    refuse("the type is none of uint8, float16, bfloat16, float32");
  }
  for (const uint32_t side : {format.width, format.height}) {
    if (side == 0 || side > k_max_side) refuse("a side is not within 1 to 16384");
  }
  for (size_t c = 0; c < 3; ++c) {
    if (!std::isfinite(format.mean[c])) refuse("a mean is no finite number");
    if (!(format.deviation[c] > 0) || !std::isfinite(1 / format.deviation[c])) {
      refuse("a standard deviation is not above 0");
    }
  }
}

template <typename T, typename Value>
void write_values(const PixelFormat& format, const PixelRows& rows, std::byte* to, Value value_of) {
  const bool planar = format.layout == Layout::chw;
  const size_t plane = size_t{format.width} * format.height;
  for (uint32_t r = 0; r < rows.row_count; ++r) {
    for (uint32_t x = 0; x < format.width; ++x) {
      const size_t pixel = size_t{rows.first_row + r} * format.width + x;
      for (size_t c = 0; c < 3; ++c) {
        const StripView& strip = rows.planes[c];
        const T value = value_of(c, strip.data[r * strip.stride_bytes + x]);
        std::memcpy(to + (planar ? c * plane + pixel : 3 * pixel + c) * sizeof(T), &value,
                    sizeof(T));
      }
    }
  }
}

}  // namespace

TensorSpec spec_of(const PixelFormat& format) {
  const uint64_t width = format.width;
  const uint64_t height = format.height;
  if (format.layout == Layout::chw) return {format.type, {3, height, width}};
  return {format.type, {height, width, 3}};
}

PixelWriter::PixelWriter(const PixelFormat& format) : format_(format) {
  check(format);
  row_bytes_ = spec_of(format).row_bytes();
  for (size_t c = 0; c < 3; ++c) {
    for (size_t v = 0; v < 256; ++v) {
      const float centered = static_cast<float>(v) - offset(c);
      floats_[c][v] = centered * factor(c);
      if (format.type == Type::float16) halves_[c][v] = to_float16(floats_[c][v]);
      if (format.type == Type::bfloat16) halves_[c][v] = to_bfloat16(floats_[c][v]);
    }
  }
}

void PixelWriter::write(const PixelRows& rows, std::span<std::byte> row) const {
  HR_CHECK(row.size() == row_bytes_, "row of {} bytes", row.size());
  HR_CHECK(rows.first_row + rows.row_count <= format_.height, "row {}", rows.first_row);
  write_pixels({*this, rows, row.data()});
}

void PixelWriter::write_plain(const PixelRows& rows, std::span<std::byte> row) const {
  switch (format_.type) {
    case Type::uint8:
      return write_values<uint8_t>(format_, rows, row.data(), [](size_t, uint8_t v) { return v; });
    case Type::float32:
      return write_values<float>(format_, rows, row.data(),
                                 [&](size_t c, uint8_t v) { return float_of(c, v); });
    default:
      return write_values<uint16_t>(format_, rows, row.data(),
                                    [&](size_t c, uint8_t v) { return half_of(c, v); });
  }
}

uint16_t to_bfloat16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// A float16 step is 2^-24 below 2^-14, and 2^-10 of the power of two above.
uint16_t to_float16(float value) {
  const auto sign = static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16 & 0x8000);
  const float magnitude = std::fabs(value);
  if (magnitude >= 65520) return static_cast<uint16_t>(sign | 0x7c00);
  if (magnitude < 0x1p-14f) {
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(magnitude * 0x1p24f)));
  }
  const auto bits = std::bit_cast<uint32_t>(magnitude) - (uint32_t{112} << 23);
  return static_cast<uint16_t>(sign | (bits + 0xfff + (bits >> 13 & 1)) >> 13);
}

}  // namespace headrace::ops

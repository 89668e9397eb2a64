// Each type and layout against the plain writer, on every SIMD target of this machine, byte for
// byte, and nothing written beside the rows.
#include "headrace/ops/pixel_kernels.h"

#include <gtest/gtest.h>

#include <hwy/targets.h>
#include <algorithm>

namespace headrace::ops {
namespace {

constexpr uint32_t k_rows = 7;

struct Strips {
  explicit Strips(uint32_t width) : stride_bytes(width + k_row_padding_bytes) {
    bytes.resize(3 * k_strip_rows * stride_bytes);
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 37 + i / 251);
  }
  PixelRows rows(uint32_t first_row, uint32_t count) {
    PixelRows result{.planes = {}, .first_row = first_row, .row_count = count};
    for (size_t c = 0; c < 3; ++c) {
      result.planes[c] = {bytes.data() + c * k_strip_rows * stride_bytes, stride_bytes};
    }
    return result;
  }
  size_t stride_bytes;
  std::vector<uint8_t> bytes;
};

void expect_plain(const PixelFormat& format) {
  const PixelWriter writer(format);
  Strips strips(format.width);
  const PixelRows rows = strips.rows(2, k_rows);
  std::vector<std::byte> plain(writer.row_bytes(), std::byte{0xab});
  writer.write_plain(rows, plain);
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    // At a line's start, where whole lines are written past the caches, as slots have it.
    std::vector<std::byte> memory(writer.row_bytes() + 64, std::byte{0xab});
    const size_t skew_bytes = -reinterpret_cast<uintptr_t>(memory.data()) % 64;
    const auto quick = std::span(memory).subspan(skew_bytes, writer.row_bytes());
    writer.write(rows, quick);
    EXPECT_TRUE(std::ranges::equal(quick, plain))
        << hwy::TargetName(target) << ' ' << name_of(format.type) << ' ' << format.width;
  }
  hwy::SetSupportedTargetsForTest(0);
}

TEST(PixelKernels, give_the_plain_writers_bytes_for_every_type_layout_and_width) {
  for (const Type type : {Type::uint8, Type::float16, Type::bfloat16, Type::float32}) {
    for (const Layout layout : {Layout::chw, Layout::hwc}) {
      for (const uint32_t width : {1u, 15u, 16u, 17u, 63u, 64u, 65u, 224u}) {
        expect_plain({.width = width,
                      .height = k_rows + 3,
                      .layout = layout,
                      .type = type,
                      .mean = {0.485f, 0.456f, 0.406f},
                      .deviation = {0.229f, 0.224f, 0.225f}});
      }
    }
  }
}

TEST(PixelKernels, round_tiny_and_huge_halves_alike) {
  for (const Type type : {Type::float16, Type::bfloat16}) {
    expect_plain({.width = 224, .height = 10, .type = type, .deviation = {1e-6f, 1e6f, 3e7f}});
    expect_plain({.width = 224, .height = 10, .type = type, .mean = {0.5f, 1e30f, -1e30f}});
  }
}

}  // namespace
}  // namespace headrace::ops

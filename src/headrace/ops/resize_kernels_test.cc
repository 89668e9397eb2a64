// The vector kernels against the plain loops that state what they compute, bit for bit.
#include "headrace/ops/resize_kernels.h"

#include <gtest/gtest.h>

#include "headrace/ops/plain_pictures.h"

namespace headrace::ops {
namespace {

struct Memory {
  Memory(uint32_t source_width, uint32_t target_width)
      : columns(columns_scratch_size(source_width)),
        turned(turned_scratch_size(source_width)),
        target(target_scratch_size(target_width)),
        stride_bytes(target_width + k_row_padding_bytes),
        rows(k_strip_rows * stride_bytes) {}
  std::vector<uint16_t> columns;
  std::vector<uint16_t> turned;
  std::vector<uint8_t> target;
  size_t stride_bytes;
  std::vector<uint8_t> rows;
};

void expect_plain(uint32_t width, uint32_t height, uint32_t target_width, uint32_t target_height) {
  const Plane source = noise(width, height, width + height);
  const jpeg::PlaneView view = source.view();
  AxisWeights columns;
  AxisWeights rows;
  columns.build(whole_axis(width, target_width));
  rows.build(whole_axis(height, target_height));
  Memory quick(width, target_width);
  Memory plain(width, target_width);
  const auto job = [&](Memory& memory) {
    return StripJob{.columns = columns,
                    .rows = rows,
                    .source = view,
                    .first_row = 0,
                    .columns_scratch = memory.columns.data(),
                    .turned_scratch = memory.turned.data(),
                    .target_scratch = memory.target.data(),
                    .target = {memory.rows.data(), memory.stride_bytes}};
  };
  resize_strip(job(quick));
  resize_strip_plain(job(plain), false);
  for (uint32_t r = 0; r < k_strip_rows; ++r) {
    const auto row = [&](Memory& memory) {
      return memory.rows.begin() + static_cast<long>(r * memory.stride_bytes);
    };
    ASSERT_TRUE(std::equal(row(quick), row(quick) + target_width, row(plain)))
        << width << 'x' << height << " to " << target_width << 'x' << target_height << " row " << r;
  }
}

TEST(ResizeKernels, give_the_plain_loops_bits) {
  for (const uint32_t width : {1u, 2u, 15u, 64u, 65u, 127u, 375u}) {
    for (const uint32_t height : {1u, 9u, 100u, 330u}) {
      expect_plain(width, height, 224, 40);
      expect_plain(width, height, 17, 32);
    }
  }
}

TEST(ResizeKernels, give_the_plain_loops_bits_at_the_most_taps) {
  expect_plain(480, 470, 8, 8);
  expect_plain(239, 239, 4, 4);
}

}  // namespace
}  // namespace headrace::ops

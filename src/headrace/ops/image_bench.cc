// Nanoseconds from a decoded crop to its normalized row of a batch too large for the caches, and
// from text and raw bytes to theirs. CPU time of the thread; take the median.
#include "headrace/ops/image.h"

#include <benchmark/benchmark.h>

#include <string_view>

#include "headrace/ops/bytes.h"
#include "headrace/ops/integer.h"
#include "headrace/ops/resize.h"

namespace headrace::ops {
namespace {

constexpr size_t k_batch = 128;
constexpr uint32_t k_side = 224;

struct Crop375 {
  Crop375() : pixels(375 * 330 * 3 + 64), strips(3 * k_strip_rows * stride_bytes) {
    for (size_t i = 0; i < pixels.size(); ++i)
      pixels[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
  }
  static constexpr size_t stride_bytes = k_side + k_row_padding_bytes;
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> strips;
  Resizer resizer;
};

void crop_to_row(benchmark::State& state) {
  const PixelWriter writer({.layout = state.range(1) == 0 ? Layout::chw : Layout::hwc,
                            .type = static_cast<Type>(state.range(0)),
                            .mean = {0.485f, 0.456f, 0.406f},
                            .deviation = {0.229f, 0.224f, 0.225f}});
  Crop375 crop;
  std::vector<std::byte> memory(k_batch * writer.row_bytes() + 64);
  const size_t skew_bytes = -reinterpret_cast<uintptr_t>(memory.data()) % 64;
  const auto batch = std::span(memory).subspan(skew_bytes);
  size_t sample = 0;
  for (auto _ : state) {
    PixelRows rows;
    crop.resizer.prepare(whole_axis(375, k_side), whole_axis(330 - sample % 2, k_side));
    for (uint32_t y = 0; y < k_side; y += k_strip_rows) {
      rows.first_row = y;
      rows.row_count = k_strip_rows;
      for (size_t c = 0; c < 3; ++c) {
        rows.planes[c] = {crop.strips.data() + c * k_strip_rows * Crop375::stride_bytes,
                          Crop375::stride_bytes};
        crop.resizer.strip(
            {crop.pixels.data() + c * 375 * 330, 375, 375, static_cast<uint32_t>(330 - sample % 2)},
            y, rows.planes[c]);
      }
      writer.write(rows, batch.subspan(sample % k_batch * writer.row_bytes(), writer.row_bytes()));
    }
    ++sample;
  }
  state.SetLabel(name_of(writer.format().type));
}
BENCHMARK(crop_to_row)
    ->Args({static_cast<int>(Type::float32), 0})
    ->Args({static_cast<int>(Type::float32), 1})
    ->Args({static_cast<int>(Type::float16), 0})
    ->Args({static_cast<int>(Type::bfloat16), 0})
    ->Args({static_cast<int>(Type::uint8), 0})
    ->Args({static_cast<int>(Type::uint8), 1});

void run_op(benchmark::State& state, const Op& op, std::string_view text) {
  std::vector<std::byte> row(op.output().row_bytes());
  const auto scratch = op.make_scratch();
  for (auto _ : state) {
    benchmark::DoNotOptimize(op.run(std::as_bytes(std::span(text)), {}, *scratch, row).has_value());
  }
}
void integer(benchmark::State& state) { run_op(state, Integer({}), "517"); }
BENCHMARK(integer);
void raw_bytes(benchmark::State& state) {
  static const std::string text(3072, 'x');
  run_op(state, Bytes({.shape = {text.size()}}), text);
}
BENCHMARK(raw_bytes);

}  // namespace
}  // namespace headrace::ops

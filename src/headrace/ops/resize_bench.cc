// Nanoseconds to resize one plane or a whole crop. CPU time of the thread; take the median.
#include "headrace/ops/resize.h"

#include <benchmark/benchmark.h>

namespace headrace::ops {
namespace {

void three_planes(benchmark::State& state) {
  const auto width = static_cast<uint32_t>(state.range(0));
  const auto height = static_cast<uint32_t>(state.range(1));
  std::vector<uint8_t> pixels(size_t{width} * height * 3 + 64);
  for (size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<uint8_t>(i * 2654435761u >> 13);
  Resizer resizer;
  std::vector<uint8_t> strip((224 + k_row_padding_bytes) * k_strip_rows);
  for (auto _ : state) {
    resizer.prepare(whole_axis(width, 224), whole_axis(height, 224));
    for (uint32_t y = 0; y < 224; y += k_strip_rows) {
      for (size_t c = 0; c < 3; ++c) {
        resizer.strip({pixels.data() + c * width * height, width, width, height}, y,
                      {strip.data(), 224 + k_row_padding_bytes});
      }
    }
    benchmark::DoNotOptimize(strip.data());
  }
}
BENCHMARK(three_planes)->Args({375, 330})->Args({500, 375})->Args({180, 160})->Args({224, 224});

void weights(benchmark::State& state) {
  AxisWeights axis;
  uint32_t size = 375;
  for (auto _ : state) {
    size ^= 1;
    axis.build(whole_axis(size, 224));
    benchmark::DoNotOptimize(axis.firsts());
  }
}
BENCHMARK(weights);

}  // namespace
}  // namespace headrace::ops

// What a look-up costs: the best case (2^k), the worst (2^k + 1: two passes on average), and one
// that waits for the result of the one before.
#include "headrace/order/permutation.h"

#include <benchmark/benchmark.h>

namespace headrace::order {
namespace {

void at(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const Permutation permutation(count, 1);
  uint64_t position = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(permutation.at(position));
    position = position + 1 == count ? 0 : position + 1;
  }
}
void at_of_the_last_image(benchmark::State& state) {
  const auto count = static_cast<uint64_t>(state.range(0));
  const Permutation permutation(count, 1);
  uint64_t position = 0;
  for (auto _ : state) position = permutation.at(position);
  benchmark::DoNotOptimize(position);
}
void construct(benchmark::State& state) {
  uint64_t key = 0;
  for (auto _ : state) benchmark::DoNotOptimize(Permutation(8192, ++key));
}

BENCHMARK(at)->Arg(1 << 20)->Arg((1 << 20) + 1)->Arg(1'281'167)->Arg(1'000'000'000);
BENCHMARK(at_of_the_last_image)->Arg(1 << 20)->Arg((1 << 20) + 1)->Arg(1'281'167);
BENCHMARK(construct);

}  // namespace
}  // namespace headrace::order

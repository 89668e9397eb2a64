// How fast each engine reads at random from a direct file, and what a read costs in processor time.
// The file is HEADRACE_BENCH_FILE, else 1 GiB made once in the temporary folder. Thread safety:
// none wanted.
#include "headrace/io/ring.h"

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <filesystem>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/random.h"
#include "headrace/memory/arena.h"

namespace headrace::io {
namespace {

constexpr uint64_t k_made_bytes = uint64_t{1} << 30;
constexpr uint32_t k_depth = 32;

std::string bench_file() {
  if (const char* named = std::getenv("HEADRACE_BENCH_FILE")) return named;
  const std::string path = std::filesystem::temp_directory_path() / "headrace-ring-bench";
  std::error_code missing;
  if (std::filesystem::file_size(path, missing) == k_made_bytes && !missing) return path;
  AtomicFile file(real_files(), path);
  std::vector<std::byte> block(size_t{1} << 20, std::byte{0x5a});
  while (file.size_bytes() < k_made_bytes) file.append(block);
  file.publish();
  return path;
}

double processor_seconds() {
  rusage used = {};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Keeps the ring full: whatever completes is asked for again, elsewhere.
class Load {
 public:
  Load(Ring& ring, const File& file, const memory::Arena& arena, uint64_t size_bytes)
      : ring_(ring), size_bytes_(size_bytes), blocks_(file.size_bytes() / size_bytes) {
    for (uint32_t tag = 0; tag < k_depth; ++tag) {
      reads_.push_back({.file = &file,
                        .length_bytes = size_bytes,
                        .target = arena.bytes().subspan(tag * size_bytes, size_bytes),
                        .tag = tag});
      aim(reads_.back());
    }
    ring_.submit(reads_);
  }
  size_t step() {
    const size_t count = ring_.wait(done_, k_depth / 4, k_no_deadline);
    for (size_t index = 0; index < count; ++index) {
      if (done_[index].result != static_cast<int64_t>(size_bytes_)) return 0;
      again_[index] = reads_[done_[index].tag];
      aim(again_[index]);
    }
    ring_.submit(std::span(again_).first(count));
    return count;
  }
  void drain() { ring_.wait(done_, k_depth, k_no_deadline); }

 private:
  void aim(Read& read) {
    const double where = draws_.uniform() * static_cast<double>(blocks_);
    read.offset_bytes = std::min(static_cast<uint64_t>(where), blocks_ - 1) * size_bytes_;
  }

  Ring& ring_;
  uint64_t size_bytes_;
  uint64_t blocks_;
  // New offsets each time, or a host that caches the device's blocks would serve them.
  Draws draws_{DrawKey{.seed = steady_now_ns()}};
  std::vector<Read> reads_;
  std::array<Read, k_depth> again_;
  std::array<Done, k_depth> done_;
};

void random_direct(benchmark::State& state, const char* engine) {
  const auto size_bytes = static_cast<uint64_t>(state.range(0));
  const memory::Arena arena({.size_bytes = k_depth * size_bytes});
  const auto file = File::open(real_files(), bench_file(), Caching::direct);
  std::unique_ptr<Ring> ring;
  try {
    ring = make_ring({.engine = engine, .depth = k_depth, .arena = arena.bytes()});
  } catch (const Error& error) {
    state.SkipWithError(error.what());
    return;
  }
  Load load(*ring, *file, arena, size_bytes);
  const double before = processor_seconds();
  size_t reads = 0;
  for (auto iteration : state) {
    (void)iteration;
    const size_t count = load.step();
    if (count == 0) {
      state.SkipWithError("a read failed or came short");
      break;
    }
    reads += count;
  }
  const double used = processor_seconds() - before;
  load.drain();
  state.SetBytesProcessed(static_cast<int64_t>(reads * size_bytes));
  state.counters["reads/s"] =
      benchmark::Counter(static_cast<double>(reads), benchmark::Counter::kIsRate);
  state.counters["us_processor/read"] =
      used * 1e6 / static_cast<double>(std::max<size_t>(reads, 1));
  state.SetLabel(file->direct() ? ring->info().why_not_better : file->why_not_direct());
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(4 << 10)->Arg(128 << 10)->Arg(1 << 20)->UseRealTime()->MinTime(1.0);
}
BENCHMARK_CAPTURE(random_direct, uring, "uring")->Apply(sizes);
BENCHMARK_CAPTURE(random_direct, threads, "threads")->Apply(sizes);
BENCHMARK_CAPTURE(random_direct, psync, "psync")->Apply(sizes);

}  // namespace
}  // namespace headrace::io

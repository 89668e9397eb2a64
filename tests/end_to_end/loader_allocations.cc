// Runs the whole loader path over a data set and counts what any thread allocates once it is warm.
// Usage: loader_allocations JOB.toml (epochs = 0); prints the allocations of warming up, those of
// the batches after it, and how many batches those were. Counts malloc itself (glibc's, through
// __libc_malloc), so that C libraries are seen like operator new.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"
#include "headrace/pipeline/plan.h"

namespace {
std::atomic<uint64_t> allocation_count{0};
}  // namespace

extern "C" {
void* __libc_malloc(size_t size_bytes);
void* __libc_calloc(size_t count, size_t size_bytes);
void* __libc_realloc(void* memory, size_t size_bytes);
void* __libc_memalign(size_t alignment, size_t size_bytes);

void* malloc(size_t size_bytes) {
  ++allocation_count;
  return __libc_malloc(size_bytes);
}
void* calloc(size_t count, size_t size_bytes) {
  ++allocation_count;
  return __libc_calloc(count, size_bytes);
}
void* realloc(void* memory, size_t size_bytes) {
  ++allocation_count;
  return __libc_realloc(memory, size_bytes);
}
void* memalign(size_t alignment, size_t size_bytes) {
  ++allocation_count;
  return __libc_memalign(alignment, size_bytes);
}
void* aligned_alloc(size_t alignment, size_t size_bytes) { return memalign(alignment, size_bytes); }
int posix_memalign(void** memory, size_t alignment, size_t size_bytes) {
  *memory = memalign(alignment, size_bytes);
  return *memory == nullptr ? ENOMEM : 0;
}
}

namespace headrace {
namespace {

// Crops are drawn anew each epoch: after so many, a worker's scratch has seen the largest.
constexpr uint64_t k_warm_samples = 2000;
constexpr uint64_t k_counted_batches = 40;
constexpr int k_windows = 3;

struct Counts {
  uint64_t warming = 0, warm = 0, batches = 0;
};

// On a busy machine one worker may do nearly all of the work: each of them has to be warm.
bool is_warm(const loader::Loader& loader) {
  return std::ranges::all_of(loader.stats().workers, [](const loader::WorkerStats& worker) {
    return worker.times.items(observe::Stage::decode) >= k_warm_samples;
  });
}

Counts count_allocations(const pipeline::Job& job) {
  const auto dataset = formats::Dataset::open(job.dataset.paths.front(), {});
  const pipeline::Plan plan = pipeline::compile(job, *dataset);
  const uint64_t start = allocation_count;
  loader::Loader loader(plan, *dataset, loader::configure(job, *dataset, loader::this_host()));
  while (!is_warm(loader) && loader.next()) {
  }
  Counts counts{.warming = allocation_count - start, .warm = ~uint64_t{0}};
  // What a batch allocates shows in each window; a crop larger than all before it, in one.
  for (int window = 0; window < k_windows && counts.warm > 0; ++window) {
    const uint64_t before = allocation_count;
    counts.batches = 0;
    while (counts.batches < k_counted_batches && loader.next()) ++counts.batches;
    counts.warm = std::min<uint64_t>(counts.warm, allocation_count - before);
  }
  return counts;
}

}  // namespace
}  // namespace headrace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto job = headrace::pipeline::load_job(headrace::real_files(), argv[1]);
  const auto counts = headrace::count_allocations(job);
  fmt::print("{} {} {}\n", counts.warming, counts.warm, counts.batches);
  return 0;
}

// Makes, drains and ends a loader again and again while its storage fails, and counts what stays
// behind. Usage: fault_cycles JOB.toml CYCLES. One cycle runs first; then "ready" is printed and a
// line awaited, so that the caller can break what it likes. Prints one JSON object: descriptors,
// threads and memory after the second cycle and after the last, and the first error's text.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"
#include "headrace/observe/process.h"
#include "headrace/pipeline/plan.h"

namespace headrace {
namespace {

struct Left {
  size_t descriptors = 0;
  size_t threads = 0;
  uint64_t memory_bytes = 0;
};

size_t entries_in(const char* folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

Left left_now() {
  return {.descriptors = entries_in("/proc/self/fd"),
          .threads = entries_in("/proc/self/task"),
          .memory_bytes = observe::read_process_usage().rss_bytes};
}

struct Outcome {
  uint64_t samples = 0;
  uint64_t errors = 0;
  std::string first_error = {};
};

void cycle(const pipeline::Plan& plan, const formats::Dataset& dataset,
           const loader::Options& options, Outcome& outcome) {
  try {
    loader::Loader loader(plan, dataset, options);
    while (const auto batch = loader.next()) outcome.samples += batch->row_count();
  } catch (const Error& error) {
    if (outcome.errors++ == 0) outcome.first_error = error.what();
  }
}

void run(const char* job_path, int cycles) {
  const auto job = pipeline::load_job(real_files(), job_path);
  const auto dataset = formats::Dataset::open(job.dataset.paths.front(), {});
  const pipeline::Plan plan = pipeline::compile(job, *dataset);
  const loader::Options options = loader::configure(job, *dataset, loader::this_host());
  Outcome before, after;
  cycle(plan, *dataset, options, before);
  fmt::print("ready\n");
  std::fflush(stdout);
  (void)std::getchar();
  Left second;
  for (int count = 1; count <= cycles; ++count) {
    cycle(plan, *dataset, options, after);
    if (count == 2) second = left_now();
  }
  const Left last = left_now();
  const nlohmann::json told = {{"samples_before", before.samples},
                               {"samples", after.samples},
                               {"errors", after.errors},
                               {"first_error", after.first_error},
                               {"descriptors", {second.descriptors, last.descriptors}},
                               {"threads", {second.threads, last.threads}},
                               {"memory_bytes", {second.memory_bytes, last.memory_bytes}}};
  fmt::print("{}\n", told.dump());
}

}  // namespace
}  // namespace headrace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  headrace::run(argv[1], std::atoi(argv[2]));
  return 0;
}

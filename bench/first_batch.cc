// The program starts itself anew for each measurement.
#include "first_batch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "headrace/base/clock.h"
#include "headrace/base/error.h"
#include "headrace/base/unique_fd.h"
#include "headrace/formats/huge_set.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"
#include "headrace/pipeline/presets.h"

namespace headrace::bench {
namespace {

struct Start {
  double first_batch_s = 0;
  double peak_mb = 0;
  double beside_slots_mb = 0;
};

pipeline::Job job_of(const std::string& path, const std::string& preset) {
  pipeline::Job job;
  job.dataset.paths = {path};
  if (preset == "bin") {
    job.fields = {
        {.name = "bin", .kind = pipeline::FieldKind::raw, .shape = {formats::k_huge_field_bytes}}};
  } else {
    job.fields = pipeline::preset_fields(preset).value();
  }
  return job;
}

[[noreturn]] void fail(const std::string& what) {
  throw Error({.action = "cannot measure a start", .cause = what});
}

// The child's end of `pipe` is its standard output.
[[noreturn]] void become_child(const StartCase& one, int output_fd) {
  ::dup2(output_fd, STDOUT_FILENO);
  const std::string begin = fmt::to_string(steady_now_ns());
  ::execl("/proc/self/exe", "bench_small", k_first_batch_flag, one.path.c_str(), one.preset.c_str(),
          begin.c_str(), nullptr);
  ::_exit(127);
}

Start start_once(const StartCase& one) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(text_of_errno(errno));
  const UniqueFd from_child(ends[0]);
  UniqueFd to_parent(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) fail(text_of_errno(errno));
  if (child == 0) become_child(one, to_parent.get());
  to_parent = UniqueFd();
  char text[128] = {};
  ssize_t size = 0;
  for (ssize_t got = 1; got > 0 && size < 127; size += std::max<ssize_t>(got, 0)) {
    got = ::read(from_child.get(), text + size, sizeof text - 1 - static_cast<size_t>(size));
  }
  int status = 0;
  rusage usage = {};
  if (::wait4(child, &status, 0, &usage) != child || status != 0) fail(one.path);
  char* rest = nullptr;
  const double first_batch_s = std::strtod(text, &rest);
  const double slots_mb = std::strtod(rest, nullptr);
  const double peak_mb = static_cast<double>(usage.ru_maxrss) * 1024e-6;
  return {first_batch_s, peak_mb, std::max(0.0, peak_mb - slots_mb)};
}

Row row_of(std::string name, const char* unit, std::vector<double> values) {
  const auto [least, most] = std::ranges::minmax(values);
  const double middle = median(values);
  return {.name = std::move(name),
          .value = middle,
          .unit = unit,
          .spread = middle > 0 ? (most - least) / middle : 0,
          .rounds = static_cast<uint32_t>(values.size())};
}

}  // namespace

std::vector<Row> measure_starts(const std::vector<StartCase>& cases, uint32_t rounds) {
  std::vector<std::vector<Start>> starts(cases.size());
  for (const StartCase& one : cases) (void)start_once(one);
  for (uint32_t round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < cases.size(); ++i) starts[i].push_back(start_once(cases[i]));
  }
  std::vector<Row> rows;
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto add = [&](const char* what, const char* unit, double Start::*figure) {
      std::vector<double> values;
      for (const Start& start : starts[i]) values.push_back(start.*figure);
      rows.push_back(row_of(cases[i].name + what, unit, std::move(values)));
    };
    add(": first batch", "s", &Start::first_batch_s);
    add(": peak memory", "MB", &Start::peak_mb);
    add(": peak memory beside slots", "MB", &Start::beside_slots_mb);
  }
  return rows;
}

int run_first_batch(char** argv) {
  const uint64_t begin_ns = std::strtoull(argv[4], nullptr, 10);
  const pipeline::Job job = job_of(argv[2], argv[3]);
  const auto dataset = formats::Dataset::open(job.dataset.paths.front(), {});
  const pipeline::Plan plan = pipeline::compile(job, *dataset);
  const loader::Options options = loader::configure(job, *dataset, loader::this_host());
  loader::Loader loader(plan, *dataset, options);
  const bool made = loader.next().has_value();
  const double first_batch_s = static_cast<double>(steady_now_ns() - begin_ns) * 1e-9;
  for (int batch = 0; batch < 16; ++batch) (void)loader.next();  // until all slots are in use
  const uint64_t slots_bytes = loader.memory_bytes() - options.read_buffer_bytes;
  fmt::print("{:.6f} {:.3f}\n", first_batch_s, static_cast<double>(slots_bytes) * 1e-6);
  return made ? 0 : 1;
}

}  // namespace headrace::bench

// gpu_check: all that must be tried on a real GPU, in one program that needs nothing but NVIDIA's
// driver: checks of kernels and copies, then their rates. Exit 0: all held; 1: something did not;
// 2: there is no GPU here, so only the host twins were checked.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <optional>

#include "benches.h"
#include "checks.h"
#include "headrace/base/error.h"

namespace headrace::gpu {
namespace {

struct Options {
  std::string library = "libcuda.so.1";
  std::string json = {};
  uint32_t rounds = 5;
  bool small = false;
};

bool show(const std::vector<Check>& checks) {
  bool passed = true;
  for (const Check& check : checks) {
    fmt::print("{}  {} ({})\n", check.passed ? "ok    " : "FAILED", check.name, check.detail);
    passed = passed && check.passed;
  }
  std::fflush(stdout);
  return passed;
}

std::vector<bench::Row> rates(const device::Device& device, const kernels::Launcher& launcher,
                              const Options& options) {
  const bench::Rounds rounds{.count = options.rounds, .on_run = bench::show_round};
  BenchSize size;
  if (options.small) size = {.batch_bytes = 1 << 20, .batch_count = 4, .picture_count = 4};
  std::vector<bench::Row> all = bench_copies(device, size, rounds);
  for (const auto& rows : {bench_pictures(device, launcher, size, rounds),
                           bench_overlap(device, launcher, size, rounds)}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

int run(const Options& options) {
  const bool twins_hold = show(check_twins());
  std::optional<device::Device> device;
  try {
    device.emplace(device::DeviceOptions{.library = options.library});
  } catch (const Error& error) {
    fmt::print("not run: kernels against their twins, copies through slots, all rates: {}\n",
               error.what());
    return twins_hold ? 2 : 1;
  }
  fmt::print("on {}\n", device->label());
  // The stand-in for libcuda takes any image; a driver takes only what nvcc made.
  std::array<std::byte, 16> none{};
  const bool stands_in = options.library.find("stand_in") != std::string::npos;
  const kernels::Launcher launcher(*device, stands_in ? std::span(none) : kernels::image());
  const bool kernels_hold = show(check_kernels(*device, launcher));
  const bool copies_hold = show(check_copies(*device));
  const auto rows = rates(*device, launcher, options);
  fmt::print("{}", bench::table_text("gpu_check", rows));
  if (!options.json.empty()) bench::write_json(options.json, "gpu_check", rows);
  return twins_hold && kernels_hold && copies_hold ? 0 : 1;
}

}  // namespace
}  // namespace headrace::gpu

int main(int argc, char** argv) {
  headrace::gpu::Options options;
  CLI::App app(
      "Checks kernels and copies on a GPU, and measures them. Example: gpu_check --json "
      "gpu.json");
  app.add_option("--json", options.json, "also write the rates here");
  app.add_option("--rounds", options.rounds, "of each rate")->check(CLI::Range(1, 100));
  app.add_option("--library", options.library, "NVIDIA's driver, or its stand-in");
  app.add_flag("--small", options.small, "sizes for trying the program itself");
  CLI11_PARSE(app, argc, argv);
  try {
    return headrace::gpu::run(options);
  } catch (const headrace::Error& error) {
    fmt::print(stderr, "gpu_check: {}\n", error.what());
    return 1;
  }
}

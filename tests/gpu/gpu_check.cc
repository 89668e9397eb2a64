// gpu_check: all that must be tried on a real GPU, in one program that needs nothing but NVIDIA's
// driver: checks of kernels and copies, then their rates. Exit 0: all held; 1: something did not;
// 2: no GPU here, or no kernels in this build, so only the host twins were checked.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <optional>
#include <span>

#include "benches.h"
#include "checks.h"
#include "decode.h"
#include "headrace/base/error.h"
#include "jobs.h"

namespace headrace::gpu {
namespace {

struct Options {
  std::string library = "libcuda.so.1";
  std::string cufile = "libcufile.so.0";
  Libraries libraries = {};
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
                           bench_overlap(device, launcher, size, rounds),
                           bench_decoding(device, launcher, options.libraries, size, rounds),
                           bench_unpacking(device, options.libraries, size, rounds)}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

int say_not_run(const Error& error, bool twins_hold) {
  fmt::print(
      "not run: kernels against their twins, copies through slots, nvJPEG, nvCOMP, jobs on "
      "the device, all rates: {}\n",
      error.what());
  return twins_hold ? 2 : 1;
}

// The stand-in for libcuda takes any image; a driver takes only what nvcc made.
std::span<const std::byte> image_for(const Options& options) {
  static constexpr std::array<std::byte, 16> k_any{};
  const bool stands_in = options.library.find("stand_in") != std::string::npos;
  return stands_in ? std::span<const std::byte>(k_any) : kernels::image();
}

int run(const Options& options) {
  const bool kernel_twins_hold = show(check_twins());
  const bool twins_hold = show(check_decode_twins()) && kernel_twins_hold;
  std::optional<device::Device> device;
  std::optional<kernels::Launcher> launcher;
  try {
    device.emplace(device::DeviceOptions{.library = options.library});
    launcher.emplace(*device, image_for(options));
  } catch (const Error& error) {
    if (device && error.code() != Code::unsupported) throw;
    return say_not_run(error, twins_hold);
  }
  fmt::print("on {}\n", device->label());
  const bool kernels_hold = show(check_kernels(*device, *launcher));
  const bool copies_hold = show(check_copies(*device));
  const bool decoders_hold = show(check_decoding(*device, *launcher, options.libraries));
  const bool jobs_hold = show(check_jobs({.driver = options.library,
                                          .cufile = options.cufile,
                                          .decoders = options.libraries,
                                          .kernels = image_for(options)}));
  const auto rows = rates(*device, *launcher, options);
  const std::string bench = "gpu_check on " + device->label();  // no figure without its device
  fmt::print("{}", bench::table_text(bench, rows));
  if (!options.json.empty()) bench::write_json(options.json, bench, rows);
  return twins_hold && kernels_hold && copies_hold && decoders_hold && jobs_hold ? 0 : 1;
}

}  // namespace
}  // namespace headrace::gpu

int main(int argc, char** argv) {
  headrace::gpu::Options options;
  CLI::App app(
      "Checks kernels and copies on a GPU, and measures them. Example: gpu_check --json "
      "gpu.json");
  app.add_option("--json", options.json, "also write the rates here");
  app.add_option("--rounds", options.rounds, "of each rate")
      ->check(CLI::Range(1, 100))
      ->take_last();
  app.add_option("--library", options.library, "NVIDIA's driver, or its stand-in");
  app.add_option("--cufile", options.cufile, "libcufile, or its stand-in");
  app.add_option("--nvjpeg", options.libraries.nvjpeg, "libnvjpeg, or its stand-in");
  app.add_option("--nvcomp", options.libraries.nvcomp, "libnvcomp, or its stand-in");
  app.add_flag("--small", options.small, "sizes for trying the program itself");
  CLI11_PARSE(app, argc, argv);
  try {
    return headrace::gpu::run(options);
  } catch (const headrace::Error& error) {
    fmt::print(stderr, "gpu_check: {}\n", error.what());
    return 1;
  }
}

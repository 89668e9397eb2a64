// ./run bench storage: samples of 128 KiB at random from one large file, cold: our ring, our whole
// loader, and what others do. Everything in one interleaved run.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/hash.h"
#include "headrace/base/sizes.h"
#include "headrace/bench/child.h"
#include "headrace/bench/fio.h"
#include "headrace/bench/load.h"
#include "headrace/bench/table.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/tar.h"
#include "headrace/loader/configure.h"
#include "headrace/loader/loader.h"
#include "headrace/observe/proc_text.h"
#include "libaio_batch.h"
#include "program.h"

namespace headrace::bench {
namespace {

constexpr uint64_t k_sample_bytes = uint64_t{128} << 10;

struct Arguments {
  std::string folder = {};
  std::string size = "2G";
  std::string json = {};
  uint32_t rounds = 7;
  double seconds = 0.7;
  uint32_t depth = 32;
  uint32_t python_threads = 32;
};

// A shard of incompressible samples, kept for next time.
std::string make_shard(const std::string& folder, uint64_t size_bytes) {
  std::filesystem::create_directories(folder);
  const std::string path = fmt::format("{}/samples-{}.tar", folder, size_bytes >> 20);
  if (real_files().stat(path)) return path;
  fmt::print(stderr, "making {} (kept for next time)\n", path);
  AtomicFile file(real_files(), path);
  formats::TarWriter tar([&](std::span<const std::byte> bytes) { file.append(bytes); });
  std::vector<uint64_t> words(k_sample_bytes / 8);
  for (uint64_t sample = 0; tar.size_bytes() < size_bytes; ++sample) {
    for (size_t index = 0; index < words.size(); ++index) words[index] = mix64(sample, index);
    tar.append(fmt::format("{:08}.bin", sample), std::as_bytes(std::span(words)));
  }
  tar.finish();
  file.publish();
  return path;
}

Sample by_ring(const io::File& file, const Arguments& arguments, uint64_t seed) {
  const LoadResult result = run_load(lanes_of(file, 1, k_sample_bytes),
                                     {.engine = "auto",
                                      .block_bytes = k_sample_bytes,
                                      .depth = arguments.depth,
                                      .duration_ns = static_cast<uint64_t>(arguments.seconds * 1e9),
                                      .seed = seed});
  return {
      .items = static_cast<double>(result.bytes), .wall_s = result.wall_s, .cpu_s = result.cpu_s};
}

// A batch's memory is `size` samples. Where a host copies what its guest reads, as most virtual
// disks do, reads into as much memory as a cache holds are faster: fio and the ring reuse 4 MiB.
struct Batches {
  uint32_t size = 64;
  uint32_t prefetch = 3;
};

// The shard as a data set, its samples' bytes as tensors.
struct Source {
  std::unique_ptr<formats::Dataset> dataset;
  pipeline::Plan plan;
  loader::Options options;
};
Source open_source(const std::string& path, const Arguments& arguments, const Batches& batches) {
  pipeline::Job job = pipeline::parse_job(
      fmt::format(
          "[dataset]\npath = \"{}\"\ncache = \"direct\"\n[order]\nepochs = 0\n[batch]\n"
          "size = {}\n[loader]\nprefetch = {}\nworkers = 1\ndepth = {}\n"
          "verify_checksums = false\n[[field]]\nname = \"bin\"\nkind = \"raw\"\nshape = [{}]\n",
          path, batches.size, batches.prefetch, arguments.depth, k_sample_bytes),
      "the benchmark", {});
  Source source;
  source.dataset = formats::Dataset::open(path, {});
  source.plan = pipeline::compile(job, *source.dataset);
  source.options = loader::configure(job, *source.dataset, loader::this_host());
  return source;
}

Sample by_loader(const Source& source, const Arguments& arguments) {
  loader::Loader loader(source.plan, *source.dataset, source.options);
  for (int batch = 0; batch < 16; ++batch) (void)loader.next();  // each batch's memory is there
  const double begin_s = now_s(), begin_cpu_s = process_cpu_s();
  double rows = 0;
  while (now_s() - begin_s < arguments.seconds) rows += loader.next()->row_count();
  return {.items = rows * k_sample_bytes,
          .wall_s = now_s() - begin_s,
          .cpu_s = process_cpu_s() - begin_cpu_s};
}

Sample by_python(const std::string& method, const std::string& path, const Arguments& arguments,
                 uint64_t seed) {
  const char* python = std::getenv("HEADRACE_PYTHON");
  const auto result =
      run_child({python != nullptr ? python : "python3", HEADRACE_STORAGE_PEERS, method, path,
                 fmt::format("{}", k_sample_bytes), fmt::format("{}", arguments.seconds),
                 fmt::format("{}", arguments.python_threads), fmt::format("{}", seed)});
  if (!result) throw_errno(result.error(), "cannot start", "python3");
  const auto told = nlohmann::json::parse(result->output, nullptr, false);
  if (result->exit_code != 0 || told.is_discarded()) {
    throw Error({.action = "cannot measure",
                 .object = "Python, " + method,
                 .cause = result->errors,
                 .hint = "./run bench storage sets its Python up; it needs numpy"});
  }
  return {.items = told["bytes"], .wall_s = told["wall_s"], .cpu_s = told["cpu_s"]};
}

// fio as `headrace bench io --against fio` tunes it; nothing where it is not installed.
std::optional<Contender> fio_contender(const std::string& path, const Arguments& arguments) {
  try {
    (void)fio_version();
  } catch (const Error& error) {
    fmt::print(stderr, "without fio: {}\n", error.what());
    return std::nullopt;
  }
  const Setting setting{.block_bytes = k_sample_bytes, .engine = "uring", .depth = arguments.depth};
  const FioJob job{.setting = setting,
                   .path = path,
                   .run_s = arguments.seconds,
                   .huge_pages = huge_pages_for(setting, observe::read_proc_text("/proc/meminfo"))};
  return Contender{fmt::format("fio, direct, depth {}", arguments.depth), "B/s",
                   [job] { return run_fio(job); }};
}

std::vector<Contender> contenders_of(const Source& large, const Source& small, const io::File& file,
                                     const Arguments& arguments, uint64_t& seed) {
  const std::string& path = file.path();
  std::vector<Contender> contenders = {{fmt::format("ring, direct, depth {}", arguments.depth),
                                        "B/s", [&] { return by_ring(file, arguments, ++seed); }},
                                       {"whole loader, global shuffle, 64 a batch", "B/s",
                                        [&] { return by_loader(large, arguments); }},
                                       {"whole loader, global shuffle, 8 a batch", "B/s",
                                        [&] { return by_loader(small, arguments); }}};
  for (const char* method : {"preadv-direct", "preadv-buffered", "memmap"}) {
    contenders.push_back(
        {fmt::format("Python {}, {} threads", method, arguments.python_threads), "B/s",
         [&, method, path] { return by_python(method, path, arguments, ++seed); }});
  }
  for (const bool direct : {false, true}) {
    contenders.push_back({fmt::format("libaio, 64 at a time, {}", direct ? "direct" : "buffered"),
                          "B/s", [&, direct, path] {
                            return read_by_libaio({.path = path,
                                                   .block_bytes = k_sample_bytes,
                                                   .direct = direct,
                                                   .seconds = arguments.seconds,
                                                   .seed = ++seed});
                          }});
  }
  if (auto fio = fio_contender(path, arguments)) contenders.push_back(std::move(*fio));
  return contenders;
}

std::string storage_table(const std::vector<Row>& rows, size_t other_end) {
  std::string text = fmt::format("  {:<44} {:>10} {:>8} {:>10} {:>7}\n", "", "MB/s", "spread",
                                 "CPU s/GB", "ratio");
  for (const Row& row : rows) {
    text += fmt::format("  {:<44} {:>10.0f} {:>7.1f}% {:>10.3f} {:>7.2f}\n", row.name,
                        row.value / 1e6, row.spread * 100, row.cpu_us_an_item * 1e3, row.ratio);
  }
  const auto best = std::ranges::max_element(
      rows.begin() + 3, rows.begin() + static_cast<ptrdiff_t>(other_end), {}, &Row::value);
  return text +
         fmt::format("  ratio: to \"{}\"\n  to the best other, {}: ring {:.2f}, loader {:.2f}\n",
                     rows[0].ratio_of, best->name, rows[0].value / best->value,
                     rows[1].value / best->value);
}

int run(int argc, char** argv) {
  Arguments arguments;
  arguments.folder = formats::default_cache_folder() + "/bench-storage";
  CLI::App app("Reads samples at random from a large file, cold, beside other ways",
               "bench_storage");
  app.add_option("--folder", arguments.folder, "where the file is made")->capture_default_str();
  app.add_option("--size", arguments.size, "of the file")->capture_default_str();
  app.add_option("--rounds", arguments.rounds, "interleaved rounds")->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "of each run")->capture_default_str();
  app.add_option("--depth", arguments.depth, "reads in flight of ours")->capture_default_str();
  app.add_option("--json", arguments.json, "write the rows to this file");
  CLI11_PARSE(app, argc, argv);
  const auto size_bytes = parse_size(arguments.size);
  if (!size_bytes) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot use",
                 .object = "--size " + arguments.size,
                 .cause = size_bytes.error()});
  }
  const std::string shard = make_shard(arguments.folder, *size_bytes);
  const auto file = io::File::open(real_files(), shard, io::Caching::direct);
  const Source large = open_source(shard, arguments, {});
  const Source small = open_source(shard, arguments, {.size = 8, .prefetch = 7});
  uint64_t seed = 0;
  const auto contenders = contenders_of(large, small, *file, arguments, seed);
  const bool has_fio = contenders.back().name.starts_with("fio");
  const auto rows = interleave(contenders, {.count = arguments.rounds,
                                            .base = has_fio ? contenders.size() - 1 : 0,
                                            .on_run = show_round});
  fmt::print("samples of {} at random from {}, cold; median of {} interleaved rounds of {} s\n",
             format_size(k_sample_bytes), format_size(file->size_bytes()), arguments.rounds,
             arguments.seconds);
  if (!file->direct()) fmt::print("no direct I/O here: {}\n", file->why_not_direct());
  fmt::print("{}", storage_table(rows, has_fio ? rows.size() - 1 : rows.size()));
  if (!arguments.json.empty()) write_json(arguments.json, "storage", rows);
  return 0;
}

}  // namespace
}  // namespace headrace::bench

int main(int argc, char** argv) {
  return headrace::bench::exit_status_of("bench_storage",
                                         [&] { return headrace::bench::run(argc, argv); });
}

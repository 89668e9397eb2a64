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
  bool others = true;
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

// A batch's memory is `size` samples. Where a host copies what its guest reads, as most virtual
// disks do, reads into as much memory as a cache holds are faster: fio and the ring reuse 4 MiB.
struct Run {
  uint32_t depth = 32;
  uint32_t size = 64;  // samples a batch
  uint32_t prefetch = 3;
  uint32_t turns = 1;  // of the ring alone: how many times as much memory as is in flight
  std::string shuffle = "global";
};

Sample by_ring(const io::File& file, const Arguments& arguments, const Run& run, uint64_t seed) {
  const LoadResult result =
      run_load(lanes_of(file, 1, k_sample_bytes),
               {.engine = "auto",
                .block_bytes = k_sample_bytes,
                .depth = run.depth,
                .pattern = run.shuffle == "none" ? Pattern::sequential : Pattern::random,
                .duration_ns = static_cast<uint64_t>(arguments.seconds * 1e9),
                .turns = run.turns,
                .seed = seed});
  return {
      .items = static_cast<double>(result.bytes), .wall_s = result.wall_s, .cpu_s = result.cpu_s};
}

// The shard as a data set, its samples' bytes as tensors.
struct Source {
  std::unique_ptr<formats::Dataset> dataset;
  pipeline::Plan plan;
  loader::Options options;
};
Source open_source(const std::string& path, const Run& run) {
  pipeline::Job job = pipeline::parse_job(
      fmt::format(
          "[dataset]\npath = \"{}\"\ncache = \"direct\"\n[order]\nepochs = 0\n"
          "shuffle = \"{}\"\n[batch]\nsize = {}\n[loader]\nprefetch = {}\nworkers = 1\ndepth = {}\n"
          "verify_checksums = false\n[[field]]\nname = \"bin\"\nkind = \"raw\"\nshape = [{}]\n",
          path, run.shuffle, run.size, run.prefetch, run.depth, k_sample_bytes),
      "the benchmark", {});
  Source source;
  source.dataset = formats::Dataset::open(path, {});
  source.plan = pipeline::compile(job, *source.dataset);
  source.options = loader::configure(job, *source.dataset, loader::this_host());
  return source;
}

Sample by_loader(const std::string& path, const Run& run, const Arguments& arguments) {
  const Source source = open_source(path, run);
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
std::optional<Contender> fio_contender(const std::string& path, const Arguments& arguments,
                                       const Run& run) {
  try {
    (void)fio_version();
  } catch (const Error& error) {
    fmt::print(stderr, "without fio: {}\n", error.what());
    return std::nullopt;
  }
  const bool ordered = run.shuffle == "none";
  const Setting setting{.pattern = ordered ? Pattern::sequential : Pattern::random,
                        .block_bytes = k_sample_bytes,
                        .engine = "uring",
                        .depth = run.depth};
  const FioJob job{.setting = setting,
                   .path = path,
                   .run_s = arguments.seconds,
                   .huge_pages = huge_pages_for(setting, observe::read_proc_text("/proc/meminfo"))};
  return Contender{fmt::format("fio, depth {}", run.depth), "B/s", [job] { return run_fio(job); }};
}

Contender ring_contender(const io::File& file, const Arguments& arguments, const Run& run) {
  std::string name = fmt::format("ring, depth {}", run.depth);
  const uint64_t memory_bytes = run.turns * run.depth * k_sample_bytes;
  if (run.turns > 1) name += fmt::format(", {} in turn", format_size(memory_bytes));
  return {name, "B/s", [&file, &arguments, run, seed = uint64_t{0}]() mutable {
            return by_ring(file, arguments, run, ++seed);
          }};
}

Contender loader_contender(const std::string& path, const Arguments& arguments, const Run& run) {
  std::string name = fmt::format("loader, depth {}, {} a batch", run.depth, run.size);
  if (run.shuffle == "window") name += ", windows";
  return {name, "B/s", [path, &arguments, run] { return by_loader(path, run, arguments); }};
}

// The first is what ratios are to: fio's best depth here.
std::vector<Contender> at_random(const io::File& file, const Arguments& arguments) {
  const std::string& path = file.path();
  std::vector<Contender> contenders;
  for (const uint32_t depth : {64U, 32U}) {
    const Run small{.depth = depth, .size = 16, .prefetch = 7};
    const Run large{.depth = depth, .size = 64};
    if (auto fio = fio_contender(path, arguments, large)) contenders.push_back(std::move(*fio));
    contenders.push_back(ring_contender(file, arguments, large));
    contenders.push_back(loader_contender(path, arguments, small));
    contenders.push_back(loader_contender(path, arguments, large));
  }
  contenders.push_back(ring_contender(file, arguments, {.depth = 32, .turns = 4}));
  return contenders;
}

// As stored: single samples side by side, or a window's runs, which are read up to 1 MiB at a time.
std::vector<Contender> in_order(const io::File& file, const Arguments& arguments) {
  std::vector<Contender> contenders;
  const Run run{.depth = 32, .size = 16, .prefetch = 7, .shuffle = "none"};
  Run windows = run;
  windows.shuffle = "window";
  if (auto fio = fio_contender(file.path(), arguments, run)) contenders.push_back(std::move(*fio));
  contenders.push_back(ring_contender(file, arguments, run));
  contenders.push_back(loader_contender(file.path(), arguments, run));
  contenders.push_back(loader_contender(file.path(), arguments, windows));
  return contenders;
}

void add_others(std::vector<Contender>& contenders, const std::string& path,
                const Arguments& arguments, uint64_t& seed) {
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
}

std::string storage_table(const std::vector<Row>& rows) {
  std::string text = fmt::format("  {:<44} {:>10} {:>8} {:>10} {:>7}\n", "", "MB/s", "spread",
                                 "CPU s/GB", "ratio");
  for (const Row& row : rows) {
    text += fmt::format("  {:<44} {:>10.0f} {:>7.1f}% {:>10.3f} {:>7.2f}\n", row.name,
                        row.value / 1e6, row.spread * 100, row.cpu_us_an_item * 1e3, row.ratio);
  }
  return text + fmt::format("  ratio: to \"{}\"\n", rows.front().name);
}

std::vector<Row> measure(const char* what, const std::vector<Contender>& contenders,
                         const Arguments& arguments) {
  const auto rows = interleave(contenders, {.count = arguments.rounds, .on_run = show_round});
  fmt::print("samples of {}, {}, cold; median of {} interleaved rounds of {} s\n{}",
             format_size(k_sample_bytes), what, arguments.rounds, arguments.seconds,
             storage_table(rows));
  return rows;
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
  app.add_flag("!--without-others", arguments.others, "fio, the ring and the loader only");
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
  if (!file->direct()) fmt::print("no direct I/O here: {}\n", file->why_not_direct());
  uint64_t seed = 0;
  std::vector<Contender> random = at_random(*file, arguments);
  if (arguments.others) add_others(random, shard, arguments, seed);
  auto rows = measure("at random", random, arguments);
  const auto ordered = measure("as stored", in_order(*file, arguments), arguments);
  for (Row row : ordered) {
    row.name = "as stored: " + row.name;
    if (!row.ratio_of.empty()) row.ratio_of = "as stored: " + row.ratio_of;
    rows.push_back(std::move(row));
  }
  if (!arguments.json.empty()) write_json(arguments.json, "storage", rows);
  return 0;
}

}  // namespace
}  // namespace headrace::bench

int main(int argc, char** argv) {
  return headrace::bench::exit_status_of("bench_storage",
                                         [&] { return headrace::bench::run(argc, argv); });
}

// headrace bench io: storage swept, its knees and its best setting named.
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/sizes.h"
#include "headrace/bench/against.h"
#include "headrace/bench/io_page.h"
#include "headrace/bench/io_text.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/verbs.h"

namespace headrace::cli {
namespace {

struct BenchIoArguments {
  std::string target = {};
  std::vector<std::string> engines = {};  // these three: empty = what the comparison allows
  std::vector<std::string> blocks = {"4K", "128K", "1M"};
  std::vector<std::string> caches = {};
  std::vector<std::string> patterns = {"random"};
  std::vector<std::string> directions = {"read"};
  std::vector<uint32_t> threads = {1};
  std::vector<uint32_t> depths = {};
  uint32_t rounds = 3;
  double seconds = 0.5;
  std::string size = "1G";
  std::string sample = "128K";
  std::string device = {};
  bool warm = false, verify = false;
  std::string against = {};
  std::string json = {}, html = {};
};

// What was not named: a wide sweep, or what fio does alike.
void fill_defaults(BenchIoArguments& arguments) {
  const bool fio = !arguments.against.empty();
  const auto fill = [](auto& values, auto defaults) {
    if (values.empty()) values = std::move(defaults);
  };
  using Words = std::vector<std::string>;
  using Numbers = std::vector<uint32_t>;
  fill(arguments.engines, fio ? Words{"uring"}
                          : !arguments.device.empty()
                              ? Words{"bounce", "cufile", "cufile-batch", "cufile-stream"}
                              : Words{"uring", "threads", "psync"});
  fill(arguments.caches, fio ? Words{"direct"} : Words{"direct", "page"});
  fill(arguments.depths, fio ? Numbers{8, 32, 128} : Numbers{1, 2, 4, 8, 16, 32, 64, 128});
}

uint64_t size_of(const std::string& text, const char* option) {
  const auto size = parse_size(text);
  if (size && *size > 0) return *size;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot use",
               .object = fmt::format("{} {}", option, text),
               .cause = size ? "it is nothing" : size.error(),
               .hint = "a size as in 4096, 128K or 1M"});
}

bench::Sweep sweep_of(const BenchIoArguments& arguments) {
  bench::Sweep sweep{
      .engines = arguments.engines, .threads = arguments.threads, .depths = arguments.depths};
  sweep.directions.clear();
  for (const std::string& name : arguments.directions) {
    sweep.directions.push_back(name == "read" ? bench::Direction::read : bench::Direction::write);
  }
  sweep.patterns.clear();
  for (const std::string& name : arguments.patterns) {
    sweep.patterns.push_back(name == "random" ? bench::Pattern::random
                                              : bench::Pattern::sequential);
  }
  sweep.block_bytes.clear();
  for (const std::string& text : arguments.blocks) {
    sweep.block_bytes.push_back(size_of(text, "--block"));
  }
  sweep.direct.clear();
  for (const std::string& name : arguments.caches) sweep.direct.push_back(name != "page");
  return sweep;
}

// Engines and memory have to agree: rings of the host write to host memory, cuFile's to a device's.
std::optional<bench::DeviceTarget> device_of(const BenchIoArguments& arguments,
                                             const bench::Sweep& sweep) {
  const auto refuse = [](std::string object, std::string cause, std::string hint) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot measure",
                 .object = std::move(object),
                 .cause = std::move(cause),
                 .hint = std::move(hint)});
  };
  const bool wanted = !arguments.device.empty();
  for (const std::string& engine : sweep.engines) {
    if (bench::parse_engine(engine).to_device == wanted) continue;
    refuse(engine, wanted ? "it reads to host memory" : "it reads to device memory",
           wanted ? "--engine bounce,cufile,cufile-batch,cufile-stream" : "--device cuda:0");
  }
  if (!wanted) return std::nullopt;
  if (!arguments.against.empty())
    refuse("fio to a device", "it reads to host memory", "leave --device out");
  if (std::ranges::count(sweep.directions, bench::Direction::write) > 0) {
    refuse("writes from a device", "only reads are measured there", "--op read");
  }
  const bench::DeviceTarget target{.device = device::parse_device(arguments.device)};
  try {
    (void)device::Device(target.device);
  } catch (const Error& error) {  // said before anything is made
    refuse("to " + arguments.device, error.what(), "leave --device out to read to host memory");
  }
  return target;
}

bench::Target open_target(const BenchIoArguments& arguments, const bench::Sweep& sweep,
                          const Session& session) {
  SteadyClock clock;
  const uint64_t size_bytes = size_of(arguments.size, "--size");
  report::ProgressOptions options = progress_options("filling a scratch file", size_bytes, "");
  options.bytes = true;
  report::Progress progress(options, clock);
  uint64_t shown_bytes = 0;
  return bench::Target::open(
      {.path = arguments.target,
       .size_bytes = size_bytes,
       .writable = std::ranges::count(sweep.directions, bench::Direction::write) > 0,
       .stop = session.interrupt.token(),
       .on_filled = [&](uint64_t bytes) {
         progress.advance(bytes - std::exchange(shown_bytes, bytes));
       }});
}

void print_results(const BenchIoArguments& arguments, const bench::IoReport& report) {
  if (!arguments.json.empty()) write_json(arguments.json, bench::io_document(report));
  if (!arguments.html.empty()) write_text(arguments.html, bench::io_page(report));
  if (arguments.json == "-" || arguments.html == "-") return;
  fmt::print("{}", bench::io_text(report));
  if (!arguments.html.empty()) fmt::print("report: {}\n", arguments.html);
}

void stopped(Session& session) {
  fmt::print(stderr, "headrace: stopped by a signal; the figures cover the rounds until then\n");
  session.exit_code = k_exit_interrupted;
}

void run_against(const BenchIoArguments& arguments, const bench::Target& target,
                 bench::IoBenchOptions options, Session& session) {
  SteadyClock clock;
  report::Progress progress(progress_options("measuring", 2 * run_count(options), "runs"), clock);
  options.on_run = [&] { progress.advance(1); };
  const bench::AgainstReport report = bench::run_against_fio(target, options);
  progress.finish();
  if (!arguments.json.empty()) write_json(arguments.json, bench::against_document(report));
  if (arguments.json != "-") fmt::print("{}", bench::against_text(report));
  if (report.interrupted) stopped(session);
}

void run_bench_io(BenchIoArguments& arguments, Session& session) {
  fill_defaults(arguments);
  const bench::Sweep sweep = sweep_of(arguments);
  bench::IoBenchOptions options{.sweep = sweep,
                                .rounds = arguments.rounds,
                                .round_s = arguments.seconds,
                                .warm = arguments.warm,
                                .device = device_of(arguments, sweep),
                                .verify = arguments.verify,
                                .sample_bytes = size_of(arguments.sample, "--sample"),
                                .stop = session.interrupt.token()};
  const bench::Target target = open_target(arguments, sweep, session);
  if (!arguments.against.empty()) return run_against(arguments, target, options, session);
  SteadyClock clock;
  report::Progress progress(progress_options("measuring", run_count(options), "runs"), clock);
  options.on_run = [&] { progress.advance(1); };
  bench::IoReport report = bench::run_io_bench(target, options);
  progress.finish();
  report.command = session.command_line;
  report.started = utc_text(std::time(nullptr));
  print_results(arguments, report);
  if (report.interrupted) stopped(session);
}

void add_sweep_options(CLI::App& verb, BenchIoArguments& arguments) {
  verb.add_option("--engine", arguments.engines,
                  "how bytes are moved [uring,threads,psync]; uring+sqpoll, uring+iopoll, "
                  "uring+dontcache; with --device bounce, cufile, cufile-batch, cufile-stream")
      ->delimiter(',');
  verb.add_option("--block", arguments.blocks, "block sizes")
      ->delimiter(',')
      ->capture_default_str();
  verb.add_option("--depth", arguments.depths, "blocks in flight, of each thread [1,2,4,...,128]")
      ->delimiter(',')
      ->check(CLI::Range(1, 32768));
  verb.add_option("--threads", arguments.threads, "threads, each with a part of the file")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::Range(1, 1024));
  verb.add_option("--cache", arguments.caches,
                  "direct or none: O_DIRECT; page: through the page cache [direct,page]")
      ->delimiter(',')
      ->check(CLI::IsMember({"direct", "none", "page"}));
  verb.add_option("--pattern", arguments.patterns, "random, sequential")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::IsMember({"random", "sequential"}));
  verb.add_option("--op", arguments.directions, "read, write (to a scratch file only)")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::IsMember({"read", "write"}));
}

void add_bench_io(CLI::App& bench, Session& session) {
  CLI::App* verb = bench.add_subcommand(
      "io", "Sweeps a file, a block device or a scratch file; names the knee and the best setting");
  auto arguments = std::make_shared<BenchIoArguments>();
  verb->add_option("TARGET", arguments->target,
                   "a file or block device (read only), or a folder for a scratch file")
      ->required();
  add_sweep_options(*verb, *arguments);
  verb->add_option("--rounds", arguments->rounds, "interleaved rounds; figures are medians")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  verb->add_option("--seconds", arguments->seconds, "of each setting in each round")
      ->capture_default_str()
      ->check(CLI::Range(0.001, 3600.0));
  verb->add_option("--size", arguments->size, "of the scratch file")->capture_default_str();
  verb->add_option("--sample", arguments->sample, "size of the samples a loader would read")
      ->capture_default_str();
  verb->add_option("--device", arguments->device,
                   "read to the memory of this CUDA device (cuda:0) instead of the host's");
  verb->add_flag("--warm", arguments->warm, "leave the page cache as it is");
  verb->add_flag("-V,--verify", arguments->verify, "also compare up to 8 MiB a setting and thread");
  verb->add_option("--against", arguments->against, "measure beside this program")
      ->check(CLI::IsMember({"fio"}));
  add_output_option(*verb, "--json", arguments->json,
                    "write the figures to this file, or - for standard output");
  add_output_option(*verb, "--html,--report", arguments->html, "write heat maps as one HTML file");
  verb->footer("Example:\n  headrace bench io /data --block 128K --report io.html");
  verb->callback([arguments, &session] { run_bench_io(*arguments, session); });
}

}  // namespace

void add_bench(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand("bench", "Measures this machine");
  verb->require_subcommand(1);
  verb->footer("Example:\n  headrace bench io /data --report io.html");
  add_bench_io(*verb, session);
}

}  // namespace headrace::cli

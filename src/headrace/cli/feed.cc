// headrace feed: a job against an emulated accelerator, live, then the report.
#include "headrace/base/error.h"
#include "headrace/cli/bytes_at_start.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/live_feed.h"
#include "headrace/cli/output.h"
#include "headrace/cli/verbs.h"
#include "headrace/feed/dump.h"
#include "headrace/feed/job_run.h"
#include "headrace/pipeline/presets.h"
#include "headrace/pipeline/workloads.h"
#include "headrace/report/html.h"
#include "headrace/report/terminal.h"

namespace headrace::cli {
namespace {

constexpr const char* k_auto = "auto";

struct FeedArguments {
  std::vector<std::string> sources = {};  // a job file, or data sets that are one
  std::string preset = k_auto;
  std::optional<uint64_t> batch, workers, prefetch, depth, steps, accelerators, seed, epochs,
      sequence, samples;
  std::optional<double> step_ms;
  std::string engine = {}, cache = {}, workload = {}, on_error = {}, shuffle = {}, device = {};
  std::string json = {}, html = {}, dump = {};
  uint64_t dump_count = 1;
  bool preload = false;
  bool quiet = false;
};

bool names_a_job(const std::string& path) { return path.ends_with(".toml"); }

// What the command line adds to a job is TOML too, so that both are read and checked by the same
// parser.
std::string overrides(const FeedArguments& arguments) {
  std::string text;
  const auto table = [&](const char* name, std::initializer_list<std::string> lines) {
    std::string body;
    for (const std::string& line : lines) body += line;
    if (!body.empty()) text += fmt::format("[{}]\n{}", name, body);
  };
  const auto number = [](const char* key, const auto& value) {
    return value ? fmt::format("{} = {}\n", key, *value) : std::string();
  };
  const auto word = [](const char* key, const std::string& value) {
    return value.empty() ? std::string()
                         : fmt::format("{} = {}\n", key, pipeline::toml_text(value));
  };
  const std::string named = arguments.cache == "none" ? "direct" : arguments.cache;
  table("dataset",
        {word("cache", arguments.preload ? "ram" : named), number("sequence", arguments.sequence)});
  table("order", {word("shuffle", arguments.shuffle), number("seed", arguments.seed),
                  number("epochs", arguments.epochs), number("samples", arguments.samples)});
  table("batch", {number("size", arguments.batch)});
  table("loader", {number("workers", arguments.workers), number("prefetch", arguments.prefetch),
                   number("depth", arguments.depth), word("engine", arguments.engine),
                   word("on_error", arguments.on_error)});
  table("device", {word("name", arguments.device), number("step_ms", arguments.step_ms),
                   number("steps", arguments.steps), number("accelerators", arguments.accelerators),
                   word("workload", arguments.workload)});
  return text;
}

void refuse_beside_job(const std::vector<std::string>& sources) {
  if (sources.size() == 1) return;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot feed",
               .object = sources[1],
               .cause = "a job stands alone: it names its data itself",
               .hint = "dataset.path = [\"A\", \"B\"] in " + sources[0]});
}

pipeline::Job job_of(const FeedArguments& arguments) {
  pipeline::Job job;
  if (names_a_job(arguments.sources.front())) {
    refuse_beside_job(arguments.sources);
    job = pipeline::load_job(real_files(), arguments.sources.front());
  } else {
    job.dataset.paths = arguments.sources;
  }
  job = pipeline::with_workload(
      pipeline::parse_job(overrides(arguments), "the command line", std::move(job)));
  if (job.fields.empty() && arguments.preset != k_auto) {
    job.fields = pipeline::preset_fields(arguments.preset).value();
  }
  return job;
}

void run_feed(const FeedArguments& arguments, Session& session) {
  const pipeline::Job job = job_of(arguments);
  SteadyClock clock;
  LiveFeed live(arguments.quiet);
  feed::Seams seams{.clock = clock,
                    .stop = session.interrupt.token(),
                    .on_tick = [&](const feed::Tick& tick) { live.show(tick); }};
  if (!arguments.dump.empty()) {
    seams.on_batch = [&](const loader::Batch& batch) {
      if (batch.sequence() < arguments.dump_count) {
        feed::dump_batch(real_files(), arguments.dump, batch);
      }
    };
  }
  const std::stop_token stop = session.interrupt.token();
  BytesAtStart unpack("unpacking", arguments.quiet, stop),
      preload("preloading", arguments.quiet, stop);
  const feed::JobRun run =
      feed::run_job(job,
                    {.command_line = session.command_line,
                     .on_step = [&](const std::string& step) { live.note(step); },
                     .on_unpack = std::ref(unpack),
                     .on_preload = std::ref(preload)},
                    seams);
  live.finish();
  const bool is_shown = arguments.json != "-" && arguments.html != "-" && !arguments.quiet;
  if (is_shown) {  // first: a file that cannot be written takes nothing from it
    fmt::print("{}", report::terminal_report(
                         run.record, {.color = is_terminal(stdout), .width = terminal_width()}));
  }
  if (!arguments.json.empty()) write_text(arguments.json, observe::to_json(run.record));
  if (!arguments.html.empty()) write_text(arguments.html, report::html_report(run.record));
  if (is_shown && !arguments.html.empty()) fmt::print("report: {}\n", arguments.html);
  if (!run.interrupted) return;
  fmt::print(stderr, "headrace: stopped by a signal; the report covers what ran until then\n");
  session.exit_code = k_exit_interrupted;
}

void add_job_options(CLI::App& verb, FeedArguments& arguments) {
  std::vector<std::string> presets = {k_auto};
  presets.insert(presets.end(), pipeline::preset_names().begin(), pipeline::preset_names().end());
  verb.add_option("--preset", arguments.preset,
                  "the fields, where no job names them; auto: by what the data set has")
      ->capture_default_str()
      ->check(CLI::IsMember(presets));
  verb.add_option("--batch", arguments.batch, "samples a batch");
  verb.add_option("--epochs", arguments.epochs, "how often through the data; 0 = without end");
  verb.add_option("--seed", arguments.seed, "seed of order and augmentation");
  verb.add_option("--shuffle", arguments.shuffle, "the order of the samples")
      ->check(CLI::IsMember({"auto", "none", "global", "window", "megatron", "copies"}));
  verb.add_option("--sequence", arguments.sequence, "tokens a sample, for token files");
  verb.add_option("--samples", arguments.samples,
                  "with --shuffle megatron: how many are wanted in all; 0 = one epoch");
  verb.add_option("--workers", arguments.workers, "decoding threads; 0 = one a core");
  verb.add_option("--prefetch", arguments.prefetch, "batches made ahead");
  verb.add_option("--engine", arguments.engine, "how files are read")
      ->check(CLI::IsMember({"auto", "uring", "threads", "psync"}));
  verb.add_option("--depth", arguments.depth, "reads in flight at most");
  verb.add_option(
          "--cache", arguments.cache,
          "page: through the page cache; direct or none: past it; ram: all into memory first; "
          "map: mapped; auto: by size and kind")
      ->check(CLI::IsMember({"auto", "page", "ram", "map", "direct", "none"}));
  verb.add_flag("--preload", arguments.preload, "the same as --cache ram")->excludes("--cache");
  verb.add_option("--on-error", arguments.on_error,
                  "a bad sample ends the run, or is left out, counted and listed")
      ->check(CLI::IsMember({"fail", "skip"}));
}

}  // namespace

void add_feed(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand(
      "feed", "Feeds an emulated accelerator and says whether it waits, and for what");
  auto arguments = std::make_shared<FeedArguments>();
  verb->add_option("SOURCE", arguments->sources,
                   "a job (headrace.toml), or a data set; several, as on several devices, are one")
      ->required();
  add_job_options(*verb, *arguments);
  verb->add_option("--device", arguments->device,
                   "where batches go: cpu, or a GPU as in cuda:0; cuda: that of this local rank");
  verb->add_option("--step-ms,--step", arguments->step_ms,
                   "how long the accelerator computes, a step; 0 = not at all");
  verb->add_option("--workload", arguments->workload,
                   "take step and batch from an MLPerf Storage workload on an H100")
      ->check(CLI::IsMember({"none", "unet3d", "resnet50", "cosmoflow"}));
  verb->add_option("--accelerators", arguments->accelerators, "how many take a batch each step");
  verb->add_option("--steps", arguments->steps, "end after so many; 0 = with the last epoch");
  add_output_option(*verb, "--json", arguments->json,
                    "write the record of the run to this file, or - for standard output");
  add_output_option(*verb, "--html,--report", arguments->html, "write the report as one HTML file");
  verb->add_option("--dump", arguments->dump,
                   "write the first batches as .npy files into this folder");
  verb->add_option("--dump-batches", arguments->dump_count, "how many batches --dump writes")
      ->capture_default_str();
  verb->add_flag("--quiet", arguments->quiet, "no live screen and no report");
  verb->footer(
      "Example:\n  headrace feed packed --preset imagenet --batch 256 --step-ms 40 --report "
      "report.html");
  verb->callback([arguments, &session] { run_feed(*arguments, session); });
}

}  // namespace headrace::cli

// headrace doctor: what slows the reading of a data set on this machine.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "headrace/base/error.h"
#include "headrace/base/sizes.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/verbs.h"
#include "headrace/doctor/render.h"
#include "headrace/loader/configure.h"
#include "headrace/pipeline/job.h"

namespace headrace::cli {
namespace {

struct DoctorArguments {
  std::vector<std::string> sources = {};  // a job file, data sets, or s3://
  std::string cache = {};
  std::string expected = {};
  std::string json = {};
  std::vector<std::string> only = {};
  double probe_s = 5;
  bool no_probe = false;
  bool fix = false;
  bool list = false;
};

uint64_t rate_of(const std::string& text) {
  const auto rate = parse_size(text);
  if (rate && *rate > 0) return *rate;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot understand --expect",
               .object = text,
               .cause = rate ? "it is nothing" : rate.error(),
               .hint = "bytes a second, for example --expect 2G"});
}

pipeline::Job job_of(const DoctorArguments& arguments) {
  pipeline::Job job;
  job.dataset.paths = arguments.sources;
  const std::string& first = arguments.sources.front();
  if (first.ends_with(".toml") && arguments.sources.size() == 1) {
    job = pipeline::load_job(real_files(), first);
  }
  if (!arguments.cache.empty()) {
    job = pipeline::parse_job(fmt::format("[dataset]\ncache = \"{}\"\n", arguments.cache),
                              "the command line", std::move(job));
  }
  return job;
}

std::vector<std::string> paths_of(const pipeline::Job& job) {
  return job.dataset.paths.empty() ? std::vector<std::string>{""} : job.dataset.paths;
}

std::string absolute(const std::string& path) {
  if (path.find("://") != path.npos) return path;
  std::error_code error;
  const auto whole = std::filesystem::weakly_canonical(std::filesystem::absolute(path), error);
  return error ? path : whole.string();
}

doctor::Situation situation_of(const doctor::Host& host, const pipeline::Job& job,
                               const std::string& path) {
  doctor::Situation situation{.path = doctor::trace(host, absolute(path))};
  if (!situation.path.is_store()) {
    situation.sample = doctor::find_sample_files(real_files(), path);
    // The way may begin at a link inside the folder: what counts is where the bytes lie.
    situation.path = doctor::trace(host, absolute(situation.sample.files.front().path));
    situation.path.data = path;
  }
  const loader::Host machine = loader::this_host();
  // A search that was cut short saw a part: data of that many files is not taken to fit in memory.
  const uint64_t size_bytes = situation.sample.all ? situation.sample.size_bytes : ~uint64_t{0};
  situation.use = {.direct = loader::choose_caching(job.dataset.cache, size_bytes,
                                                    machine.available_bytes) == io::Caching::direct,
                   .depth = static_cast<uint32_t>(job.loader.depth),
                   .arena_bytes = job.loader.read_ahead_bytes,
                   .workers = machine.cores};
  return situation;
}

doctor::Examination examined(const DoctorArguments& arguments, const pipeline::Job& job,
                             const std::string& path, Session& session) {
  constexpr uint32_t k_probe_depth = 32;  // blocks of 1 MiB: what keeps any one link busy
  const doctor::Host host(real_files(), doctor::real_kernel());
  SteadyClock clock;
  doctor::Situation situation = situation_of(host, job, path);
  auto progress = progress_options("probing", static_cast<uint64_t>(arguments.probe_s * 1000), "");
  progress.time = true;
  report::Progress bar(progress, clock);
  uint64_t shown_ms = 0;
  doctor::ExamineOptions options{
      .only = arguments.only,
      .probe = !arguments.no_probe && !situation.path.is_store(),
      .probing = {.caching = situation.use.direct ? io::Caching::direct : io::Caching::page,
                  .block_bytes = situation.use.block_bytes,
                  .depth = std::min(situation.use.depth, k_probe_depth),
                  .engine = name_of(job.loader.engine),
                  .duration_ns = static_cast<uint64_t>(arguments.probe_s * 1e9),
                  .clock = &clock,
                  .progress =
                      [&](uint64_t done_ns) {
                        bar.advance(done_ns / 1'000'000 - shown_ms);
                        shown_ms = done_ns / 1'000'000;
                      },
                  .stop = session.interrupt.token()}};
  if (!arguments.expected.empty()) {
    options.expected_bytes_per_s = static_cast<double>(rate_of(arguments.expected));
  }
  doctor::Examination examination = doctor::examine(host, std::move(situation), options);
  bar.finish();
  return examination;
}

void print_list(const DoctorArguments& arguments) {
  if (!arguments.json.empty()) write_json(arguments.json, doctor::list_document());
  if (arguments.json != "-") fmt::print("{}", doctor::list_text());
}

void run_doctor(const DoctorArguments& arguments, Session& session) {
  if (arguments.list) return print_list(arguments);
  if (arguments.sources.empty()) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot examine",
                 .object = "nothing",
                 .cause = "no data set is named",
                 .hint = "headrace doctor DATASET, or headrace doctor --list"});
  }
  const pipeline::Job job = job_of(arguments);
  nlohmann::ordered_json documents = nlohmann::ordered_json::array();
  doctor::Level worst = doctor::Level::ok;
  bool interrupted = false;
  for (const std::string& path : paths_of(job)) {
    if (interrupted) break;
    const doctor::Examination examination = examined(arguments, job, path, session);
    documents.push_back(doctor::document_of(examination));
    worst = std::max(worst, examination.level());
    interrupted = examination.interrupted();
    if (arguments.fix) {
      fmt::print("{}", doctor::fix_script(examination));
    } else if (arguments.json != "-") {
      fmt::print("{}", doctor::text_of(examination));
    }
  }
  if (!arguments.json.empty()) {
    write_json(arguments.json, documents.size() == 1 ? documents.front() : documents);
  }
  if (worst == doctor::Level::warn) session.exit_code = k_exit_found;
  if (worst == doctor::Level::fail) session.exit_code = k_exit_critical;
  if (interrupted) session.exit_code = k_exit_interrupted;
}

}  // namespace

void add_doctor(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand(
      "doctor", "Says what slows the reading of a data set on this machine, and what to type");
  auto arguments = std::make_shared<DoctorArguments>();
  verb->preparse_callback([&session](size_t) { session.usage_code = k_exit_not_examined; });
  verb->add_option("SOURCE", arguments->sources,
                   "a job (headrace.toml), a data set, or s3://...; several: one after the other");
  verb->add_option("--cache", arguments->cache,
                   "judge as read this way; auto: by size, as feed does")
      ->check(CLI::IsMember({"auto", "page", "ram", "direct"}));
  verb->add_option("--expect", arguments->expected,
                   "what the storage should give, in bytes a second: 2G");
  verb->add_option("--probe-s", arguments->probe_s, "seconds of reading")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  verb->add_flag("--no-probe", arguments->no_probe, "read no data: then nothing is a failure");
  verb->add_option("--only", arguments->only, "these checks, or groups of them (nfs)")
      ->delimiter(',');
  verb->add_flag("--list", arguments->list, "every check: what it reads, wants, and why");
  verb->add_flag("--fix", arguments->fix,
                 "print a shell script of the known commands; it is never run");
  add_output_option(*verb, "--json", arguments->json,
                    "write the result as JSON to this file, or - for standard output");
  verb->footer(
      "Exit status, as of a Nagios plugin: 0 nothing worse than a note, 1 a warning, 2 a failure,\n"
      "3 not examined (command line, data set or machine).\n"
      "Example:\n  headrace doctor packed --expect 2G");
  verb->callback([arguments, &session] { run_doctor(*arguments, session); });
}

}  // namespace headrace::cli

// headrace gdsio: gdsio's flags and config files in, its result line out.
#include "headrace/bench/gdsio.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/verbs.h"

namespace headrace::cli {
namespace {

void run_gdsio(const std::vector<std::string>& words, Session& session) {
  const bench::GdsioOptions options = bench::parse_gdsio(words);
  if (options.help) {
    fmt::print("{}", bench::gdsio_help());
    return;
  }
  for (const std::string& warning : options.warnings) fmt::print(stderr, "headrace: {}\n", warning);
  SteadyClock clock;
  std::optional<report::Progress> progress;
  bench::run_gdsio(options, {.stop = session.interrupt.token(),
                             .print =
                                 [&](const std::string& line) {
                                   progress.reset();
                                   fmt::print("{}", line);
                                   std::fflush(stdout);
                                 },
                             .on_begin =
                                 [&](uint64_t total_bytes) {
                                   auto shown = progress_options("moving", total_bytes, "");
                                   shown.bytes = true;
                                   progress.emplace(shown, clock);
                                 },
                             .on_moved = [&](uint64_t bytes) { progress->advance(bytes); }});
  if (session.interrupt.seen()) session.exit_code = k_exit_interrupted;
}

}  // namespace

void add_gdsio(CLI::App& app, Session& session) {
  CLI::App* verb = app.add_subcommand(
      "gdsio", "Takes gdsio's flags or config file, prints its result line (CPUONLY transfers)");
  verb->prefix_command();
  verb->set_help_flag("--help", "this text; gdsio's flags are under -h");
  verb->footer(
      "Example:\n  headrace gdsio -D /data/scratch -w 4 -s 1G -i 1M -I 1 -x 1\n"
      "  headrace gdsio -h");
  verb->callback([verb, &session] { run_gdsio(verb->remaining(), session); });
}

}  // namespace headrace::cli

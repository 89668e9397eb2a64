// The headrace command: finds the verb, turns errors into one clear sentence and an exit status.
#include "headrace/cli/command.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "headrace/base/error.h"
#include "headrace/base/shell_word.h"
#include "headrace/cli/bus_fault.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/output.h"
#include "headrace/cli/usage.h"
#include "headrace/cli/verbs.h"
#include "headrace/cli/version.h"
#include "headrace/report/text.h"

namespace headrace::cli {
namespace {

std::string command_line_of(int argc, char** argv) {
  std::string line = "headrace";
  for (int i = 1; i < argc; ++i) line += " " + shell_word(argv[i]);
  return line;
}

int exit_code_of(const Error& error, const Session& session) {
  switch (error.code()) {
    case Code::interrupted:
      return k_exit_interrupted;
    case Code::invalid_argument:
    case Code::not_found:
      return session.usage_code;
    default:
      return k_exit_failed;
  }
}

int say(const Error& error, const Session& session) {
  fmt::print(stderr, "headrace: {}\n", report::plain(error.what(), true));
  return exit_code_of(error, session);
}

}  // namespace

int run_command(int argc, char** argv) {
  report_bus_faults();
  const Interrupt interrupt;
  Session session{.interrupt = interrupt, .command_line = command_line_of(argc, argv)};
  CLI::App app(
      "Carries training data from where it lives to where the GPU computes, and says which link is "
      "slowest.",
      "headrace");
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  app.footer(
      "Example:\n  headrace pack photos packed && headrace feed packed --preset imagenet --step-ms "
      "40");
  add_pack(app, session);
  add_convert(app, session);
  add_doctor(app, session);
  add_feed(app, session);
  add_inspect(app, session);
  add_verify(app, session);
  add_bench(app, session);
  add_gdsio(app, session);
  refuse_wrapped_numbers(app);
  app.failure_message([](const CLI::App* parsed, const CLI::Error& error) {
    return usage_error_text(*parsed, error);
  });
  try {
    app.parse(argc, argv);
    flush_output();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? k_exit_done : session.usage_code;
  } catch (const Error& error) {
    return say(error, session);
  } catch (const std::bad_alloc&) {
    return say(Error({.action = "cannot go on",
                      .cause = "memory ran out",
                      .hint = "a smaller batch, less ahead (--prefetch), or more memory"}),
               session);
  } catch (const std::exception& exception) {
    return say(Error({.action = "cannot go on", .cause = exception.what()}), session);
  }
  return session.exit_code;
}

}  // namespace headrace::cli

// The headrace command: finds the verb, turns errors into one clear sentence and an exit status.
#include "headrace/cli/command.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "headrace/base/error.h"
#include "headrace/cli/exit_codes.h"
#include "headrace/cli/verbs.h"

namespace headrace::cli {
namespace {

std::string quoted(std::string_view word) {
  const bool plain =
      !word.empty() &&
      word.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:,+@%") == word.npos;
  if (plain) return std::string(word);
  std::string text = "'";
  for (const char letter : word) {
    if (letter == '\'')
      text += "'\\''";
    else
      text += letter;
  }
  return text + "'";
}

std::string command_line_of(int argc, char** argv) {
  std::string line = "headrace";
  for (int i = 1; i < argc; ++i) line += " " + quoted(argv[i]);
  return line;
}

int exit_code_of(const Error& error) {
  switch (error.code()) {
    case Code::interrupted:
      return k_exit_interrupted;
    case Code::invalid_argument:
    case Code::not_found:
      return k_exit_usage;
    default:
      return k_exit_failed;
  }
}

int say(const Error& error) {
  fmt::print(stderr, "headrace: {}\n", error.what());
  return exit_code_of(error);
}

}  // namespace

int run_command(int argc, char** argv) {
  const Interrupt interrupt;
  Session session{.interrupt = interrupt, .command_line = command_line_of(argc, argv)};
  CLI::App app(
      "Carries training data from where it lives to where the GPU computes, and says which link is "
      "slowest.",
      "headrace");
  app.set_version_flag("--version", "headrace " HEADRACE_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Example:\n  headrace pack photos packed && headrace feed packed --preset imagenet --step-ms "
      "40");
  add_pack(app, session);
  add_feed(app, session);
  add_inspect(app, session);
  add_verify(app, session);
  add_bench(app, session);
  add_gdsio(app, session);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? k_exit_done : k_exit_usage;
  } catch (const Error& error) {
    return say(error);
  } catch (const std::exception& exception) {
    return say(Error({.action = "cannot go on", .cause = exception.what()}));
  }
  return session.exit_code;
}

}  // namespace headrace::cli

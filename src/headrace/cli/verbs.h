// The verbs of the command: each file of this room adds one to the command line and runs it when
// chosen. Thread safety: main's thread only.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

#include "headrace/cli/exit_codes.h"
#include "headrace/cli/interrupt.h"

namespace headrace::cli {

// What a verb needs from main: where Ctrl-C is seen, how it was called, and where its exit status
// goes.
struct Session {
  const Interrupt& interrupt;
  std::string command_line;  // shell-quoted, for reports
  int exit_code = 0;
  int usage_code = k_exit_usage;  // for what is not usable; doctor has its own
};

void add_pack(CLI::App& app, Session& session);
void add_convert(CLI::App& app, Session& session);
void add_doctor(CLI::App& app, Session& session);
void add_feed(CLI::App& app, Session& session);
void add_inspect(CLI::App& app, Session& session);
void add_verify(CLI::App& app, Session& session);
void add_bench(CLI::App& app, Session& session);
void add_gdsio(CLI::App& app, Session& session);

}  // namespace headrace::cli

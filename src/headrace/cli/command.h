// The command as a function: the program's main and the Python package both call it.
// Thread safety: the main thread's only, before it has made others, since it takes SIGINT and
// SIGTERM to itself.
#pragma once

namespace headrace::cli {

// The exit status (exit_codes.h). argv[argc] is null, as in main.
int run_command(int argc, char** argv);

}  // namespace headrace::cli

// The headrace program.
#include "headrace/cli/command.h"

int main(int argc, char** argv) { return headrace::cli::run_command(argc, argv); }

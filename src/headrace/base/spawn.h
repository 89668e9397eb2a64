// Another program started without a shell. Thread safety: any thread.
// Invariants: 1. words are passed as they are; 2. the child has no signals blocked or ignored that
// would keep Ctrl-C or a closed pipe from ending it; 3. it has no file of ours but those named.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

namespace headrace {

struct SpawnOptions {
  int output_fd = -1;  // -1: ours
  int errors_fd = -1;
  bool apart = false;  // a process group of its own, to end with what it starts, and no input
};

// words[0] is looked up in PATH. The error is an errno: ENOENT = there is no such program.
std::expected<pid_t, int> spawn(const std::vector<std::string>& words, const SpawnOptions& options);

// What waitpid() said as shells do: 128 + signal when a signal ended it.
int exit_code_of(int wait_status);

}  // namespace headrace

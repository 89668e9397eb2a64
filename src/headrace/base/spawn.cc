// posix_spawn, which does not copy our memory maps as fork does.
#include "headrace/base/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace headrace {
namespace {

class SpawnSetup {
 public:
  explicit SpawnSetup(const SpawnOptions& options) {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (options.output_fd >= 0) {
      posix_spawn_file_actions_adddup2(&actions, options.output_fd, STDOUT_FILENO);
    }
    if (options.errors_fd >= 0) {
      posix_spawn_file_actions_adddup2(&actions, options.errors_fd, STDERR_FILENO);
    }
    if (options.apart) {
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    }
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&usual, signal);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    const int group = options.apart ? POSIX_SPAWN_SETPGROUP : 0;
    posix_spawnattr_setflags(
        &attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group));
  }
  SpawnSetup(SpawnSetup&&) = delete;
  ~SpawnSetup() {
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
  }

  posix_spawn_file_actions_t actions = {};
  posix_spawnattr_t attributes = {};
};

}  // namespace

std::expected<pid_t, int> spawn(const std::vector<std::string>& words,
                                const SpawnOptions& options) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const SpawnSetup setup(options);
  pid_t pid = 0;
  const int refusal = ::posix_spawnp(&pid, arguments[0], &setup.actions, &setup.attributes,
                                     arguments.data(), environ);
  if (refusal != 0) return std::unexpected(refusal);
  return pid;
}

int exit_code_of(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

}  // namespace headrace

// posix_spawn with two pipes, read until both are closed.
#include "headrace/bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

#include "headrace/base/check.h"
#include "headrace/base/unique_fd.h"

extern char** environ;

namespace headrace::bench {
namespace {

struct Pipe {
  UniqueFd reading;
  UniqueFd writing;
};

Pipe make_pipe() {
  std::array<int, 2> ends = {};
  HR_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0, "errno {}", errno);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::expected<pid_t, int> spawn(const std::vector<std::string>& words, int output, int errors) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  const int refusal =
      ::posix_spawnp(&pid, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (refusal != 0) return std::unexpected(refusal);
  return pid;
}

// Reads what is there; false at the end.
bool take(const UniqueFd& fd, std::string& kept) {
  std::array<char, 65536> bytes;
  const ssize_t count = ::read(fd.get(), bytes.data(), bytes.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  const auto room = k_child_output_bytes_max - std::min(k_child_output_bytes_max, kept.size());
  kept.append(bytes.data(), std::min<size_t>(static_cast<size_t>(count), room));
  return true;
}

void read_both(const UniqueFd& output, const UniqueFd& errors, ChildResult& result) {
  std::array<pollfd, 2> waiting = {pollfd{.fd = output.get(), .events = POLLIN},
                                   pollfd{.fd = errors.get(), .events = POLLIN}};
  while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[0].revents != 0 && !take(output, result.output)) waiting[0].fd = -1;
    if (waiting[1].revents != 0 && !take(errors, result.errors)) waiting[1].fd = -1;
  }
}

}  // namespace

std::expected<ChildResult, int> run_child(const std::vector<std::string>& words) {
  Pipe output = make_pipe(), errors = make_pipe();
  const auto pid = spawn(words, output.writing.get(), errors.writing.get());
  if (!pid) return std::unexpected(pid.error());
  output.writing = UniqueFd();
  errors.writing = UniqueFd();
  ChildResult result;
  read_both(output.reading, errors.reading, result);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace headrace::bench

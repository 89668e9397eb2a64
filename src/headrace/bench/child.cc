// Two pipes, read until both are closed.
#include "headrace/bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>

#include "headrace/base/check.h"
#include "headrace/base/spawn.h"
#include "headrace/base/unique_fd.h"

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
  const auto pid =
      spawn(words, {.output_fd = output.writing.get(), .errors_fd = errors.writing.get()});
  if (!pid) return std::unexpected(pid.error());
  output.writing = UniqueFd();
  errors.writing = UniqueFd();
  ChildResult result;
  read_both(output.reading, errors.reading, result);
  int status = 0;
  while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
  }
  result.exit_code = exit_code_of(status);
  return result;
}

}  // namespace headrace::bench

// The output is looked through before it is shown: a program may end well although what it wrote is
// cut short.
#include "headrace/formats/piped_output.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <mutex>
#include <utility>

#include "headrace/base/error.h"
#include "headrace/base/plain_words.h"
#include "headrace/base/shell_word.h"
#include "headrace/base/spawn.h"
#include "headrace/formats/dataset.h"
#include "headrace/formats/shard_format.h"
#include "headrace/formats/side_by_side.h"
#include "headrace/formats/unpacked_copy.h"
#include "headrace/formats/unsynced_files.h"

namespace headrace::formats {
namespace {

constexpr size_t k_pipe_piece_bytes = size_t{1} << 20;
constexpr int k_ask_again_ms = 100;  // whether to stop, while a program writes nothing
constexpr int k_end_poll_ms = 1;     // between its last byte and its end

bool is_named(std::string_view allowed, std::string_view name) {
  while (!name.empty()) {
    const size_t comma = allowed.find(',');
    if (allowed.substr(0, comma) == name) return true;
    if (comma == std::string_view::npos) return false;
    allowed.remove_prefix(comma + 1);
  }
  return false;
}

[[noreturn]] void throw_not_allowed(std::string_view command, std::string cause, std::string hint) {
  throw Error({.code = Code::unsupported,
               .action = "cannot read data set",
               .object = std::string(k_pipe_prefix) + std::string(command),
               .cause = std::move(cause),
               .hint = std::move(hint)});
}

[[noreturn]] void throw_failed(const std::string& path, std::string cause) {
  throw Error({.code = Code::io,
               .action = "cannot read the output of",
               .object = path,
               .cause = std::move(cause),
               .hint = "run the command by itself; what it says goes to standard error"});
}

[[noreturn]] void throw_not_whole(const std::string& path, const ScanFailure& failure) {
  throw Error({.code = Code::corrupt,
               .action = "cannot read the output of",
               .object = path,
               .offset_bytes = failure.offset_bytes,
               .cause = failure.what,
               .hint = "the command ended well, but what it wrote is no whole shard"});
}

class RunningProgram {
 public:
  // `go_on` may throw.
  RunningProgram(const std::string& path, const std::vector<std::string>& words,
                 std::function<void()> go_on)
      : path_(path), go_on_(std::move(go_on)) {
    int ends[2] = {};
    if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno(errno, "cannot open a pipe for", path_);
    output_ = UniqueFd(ends[0]);
    const UniqueFd writing(ends[1]);
    const auto pid = spawn(words, {.output_fd = writing.get(), .apart = true});
    if (!pid) throw_errno(pid.error(), "cannot start", path_);
    pid_ = *pid;
  }
  RunningProgram(RunningProgram&&) = delete;
  ~RunningProgram() {
    if (pid_ == 0) return;
    (void)::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  size_t read(std::span<std::byte> target) {
    pollfd waiting = {.fd = output_.get(), .events = POLLIN, .revents = 0};
    while (::poll(&waiting, 1, k_ask_again_ms) <= 0) go_on_();
    while (true) {
      const ssize_t count = ::read(output_.get(), target.data(), target.size());
      if (count >= 0) return static_cast<size_t>(count);
      if (errno != EINTR) throw_errno(errno, "cannot read the output of", path_);
    }
  }

  void wait_for_success() {
    int status = 0;
    for (pid_t got = 0; got != pid_;) {
      got = ::waitpid(pid_, &status, WNOHANG);
      if (got < 0 && errno != EINTR) throw_errno(errno, "cannot wait for", path_);
      if (got == pid_) break;
      go_on_();
      (void)::poll(nullptr, 0, k_end_poll_ms);
    }
    pid_ = 0;
    if (status == 0) return;
    throw_failed(path_,
                 WIFSIGNALED(status)
                     ? fmt::format("signal {} ended the command", WTERMSIG(status))
                     : fmt::format("the command failed with status {}", exit_code_of(status)));
  }

 private:
  const std::string& path_;
  std::function<void()> go_on_;
  UniqueFd output_;
  pid_t pid_ = 0;  // 0: it ended, and its number may be another's
};

std::optional<ScanFailure> damage_of(const ByteSource& source) {
  const ShardFormat* format = recognize(source);
  if (format == nullptr) return ScanFailure{"it begins like no known format", 0};
  if (const auto reader = format->unpack != nullptr ? format->unpack(source) : nullptr) {
    while (true) {
      const auto fields = reader->next();
      if (!fields) return fields.error();
      if (!*fields) return std::nullopt;
    }
  }
  const auto scanner = format->scan(source, {.places_only = true});
  while (true) {
    const auto sample = scanner->next();
    if (!sample) return sample.error();
    if (!*sample) return std::nullopt;
  }
}

class PipeFetch {
 public:
  PipeFetch(Files& files, const PipeOptions& options) : files_(files), options_(options) {}

  std::string run(const std::string& path) {
    const std::vector<std::string> words = program_of(path, options_.allowed);
    const ShardPlace place{.path = path, .stat = {}, .cache_folder = options_.cache_folder};
    UnpackedCopy copy(files_, place);
    if (copy.is_there()) return copy.path();
    copy.lock();
    if (copy.is_there()) return copy.path();
    copy.forget();
    UnsyncedFiles unsynced(files_);
    Files& files = copy.may_be_shown() ? unsynced : files_;
    AtomicFile file(files, copy.path());
    copy_output(path, words, file);
    const auto fd = files.open(file.partial_path(), O_RDONLY);
    if (!fd) throw_errno(fd.error(), "cannot open", file.partial_path());
    if (const auto failure = damage_of(file_source(files, fd->get(), file.size_bytes(), path))) {
      throw_not_whole(path, *failure);
    }
    file.publish();
    return copy.path();
  }

 private:
  void copy_output(const std::string& path, const std::vector<std::string>& words,
                   AtomicFile& file) {
    RunningProgram program(path, words, [&] { tell(path, 0); });
    std::vector<std::byte> piece(k_pipe_piece_bytes);
    while (const size_t count = program.read(piece)) {
      file.append(std::span(piece).first(count));
      tell(path, count);
    }
    program.wait_for_success();
  }

  // Once one was told to stop, all are.
  void tell(const std::string& path, uint64_t moved_bytes) {
    const std::scoped_lock lock(mutex_);
    // It stays true where on_read throws.
    if (!std::exchange(stopped_, true)) {
      stopped_ = options_.on_read && !options_.on_read(moved_bytes);
    }
    if (!stopped_) return;
    throw Error({.code = Code::interrupted,
                 .action = "stopped the command of",
                 .object = path,
                 .hint = "run it again; outputs that were read whole are kept"});
  }

  Files& files_;
  const PipeOptions& options_;
  std::mutex mutex_;  // guards what follows, and calls of on_read
  bool stopped_ = false;
};

}  // namespace

std::string allowed_pipes() {
  const char* names = std::getenv("HEADRACE_ALLOW_PIPES");
  return names != nullptr ? names : "";
}

std::vector<std::string> program_of(std::string_view command, std::string_view allowed) {
  if (command.starts_with(k_pipe_prefix)) command.remove_prefix(k_pipe_prefix.size());
  if (is_named(allowed, "sh")) return {"sh", "-c", std::string(command)};
  const auto words = plain_words(command);
  if (!words) {
    throw_not_allowed(command, "it needs a shell, which starts any program",
                      "set HEADRACE_ALLOW_PIPES=sh to allow that, or write the output to a file "
                      "and name that");
  }
  if (is_named(allowed, words->front())) return *words;
  throw_not_allowed(
      command,
      fmt::format("it is the output of \"{}\", and a data set starts no program that was not "
                  "allowed by name",
                  words->front()),
      fmt::format("set HEADRACE_ALLOW_PIPES={} to allow it, or write the output to a file and name "
                  "that",
                  shell_word(words->front())));
}

void fetch_pipes(Files& files, std::vector<std::string>& paths, const PipeOptions& options) {
  std::vector<size_t> piped;
  for (size_t i = 0; i < paths.size(); ++i) {
    if (paths[i].starts_with(k_pipe_prefix)) piped.push_back(i);
  }
  if (piped.empty()) return;
  for (const size_t index : piped) (void)program_of(paths[index], options.allowed);
  PipeOptions chosen = options;
  if (chosen.cache_folder.empty()) chosen.cache_folder = default_cache_folder();
  PipeFetch fetch(files, chosen);
  side_by_side(
      piped.size(), [&](uint64_t i) { paths[piped[i]] = fetch.run(paths[piped[i]]); }, 1);
  let_go_of_unused(files, chosen.cache_folder, wall_now_ns());
}

}  // namespace headrace::formats

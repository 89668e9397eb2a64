// A shard that a program writes ("pipe:curl -s https://host/a.tar"): run once, and its output kept
// as a file of the cache folder, which is then read like any other.
// Thread safety: any thread, also several processes: one runs the program while the others wait.
// Invariants: 1. nothing is started that was not allowed by name, and no shell unless "sh" was;
// 2. a file appears only when the program succeeded and its output is a whole shard; 3. a program
// that is not waited for any more is killed, with what it started.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/files.h"

namespace headrace::formats {

inline constexpr std::string_view k_pipe_prefix = "pipe:";

struct PipeOptions {
  std::string cache_folder = {};  // "" = default_cache_folder()
  std::string allowed = {};       // names of programs, with commas between
  // Told now and then how much was read since; false stops it. One call at a time.
  std::function<bool(uint64_t moved_bytes)> on_read = {};
};

// $HEADRACE_ALLOW_PIPES. Not a key of a job: jobs come with data, and may come from others.
std::string allowed_pipes();

// What is to be started for a command, with the prefix or without. Throws Error: not allowed.
std::vector<std::string> program_of(std::string_view command, std::string_view allowed);

// Replaces each path that is a command by that of the file with its output. Throws Error: not
// allowed (before any is started), failed, no whole shard, stopped.
void fetch_pipes(Files& files, std::vector<std::string>& paths, const PipeOptions& options);

}  // namespace headrace::formats

// Files that several processes may make at the same time: each writes under a name of its own, and
// the last one to move it into place wins. Thread safety: any thread.
#pragma once

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "headrace/base/error.h"
#include "headrace/base/files.h"

namespace headrace::formats {

inline std::string staging_path(const std::string& path) {
  static std::atomic<uint32_t> next{0};
  return fmt::format("{}.{}.{}", path, ::getpid(), next++);
}

inline void move_into_place(Files& files, const std::string& staged, const std::string& path) {
  if (const auto moved = files.rename(staged, path); !moved) {
    (void)files.remove(staged);
    throw_errno(moved.error(), "cannot rename to", path);
  }
}

}  // namespace headrace::formats

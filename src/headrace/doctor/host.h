// The machine as the checks see it: its small text files below a root, and the few questions that
// only a system call answers. Thread safety: const; as safe as the Files and the Kernel behind it.
// Invariants: (1) a text is at most 1 MiB and a folder at most 4096 names, whatever is there; (2)
// absent, unreadable and empty look the same: "".
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/doctor/store_endpoint.h"

namespace headrace::doctor {

struct Space {
  uint64_t size_bytes = 0;
  uint64_t free_bytes = 0;  // for this user
  uint64_t inode_count = 0;
  uint64_t free_inode_count = 0;
};

// What no file tells. Tests answer for it.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual OrErrno<Space> space(const std::string& path) = 0;
  // An extended attribute, at most 64 KiB of it.
  virtual OrErrno<std::string> attribute(const std::string& path, const std::string& name) = 0;
  // Sets up an io_uring, sends a no-op and a read through it. What was granted, or who refused.
  virtual std::expected<std::string, std::string> try_uring() = 0;
  virtual std::string variable(const std::string& name) = 0;  // of the environment
  // The object store that the environment names; the error is a sentence.
  virtual std::expected<StoreAnswer, std::string> ask_store() = 0;
  virtual int64_t now_s() = 0;  // since 1970
};
Kernel& real_kernel();

class Host {
 public:
  // `root` stands before every path that is read, so that tests bring a tree of their own.
  Host(Files& files, Kernel& kernel, std::string root = "")
      : files_(files), kernel_(kernel), root_(std::move(root)) {}

  std::string text(const std::string& path) const;  // without the white space at its end
  std::optional<uint64_t> number(const std::string& path) const;
  std::vector<std::string> names(const std::string& folder) const;
  bool has(const std::string& path) const;
  Kernel& kernel() const { return kernel_; }
  const std::string& root() const { return root_; }

 private:
  Files& files_;
  Kernel& kernel_;
  std::string root_;
};

// The whole text as one unsigned number; nothing when it is anything else.
std::optional<uint64_t> number_in(std::string_view text);

}  // namespace headrace::doctor

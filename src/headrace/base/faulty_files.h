// For tests: Files that pass everything on to the real ones, but fail the nth call of a kind with a
// given errno. Thread safety: the counters are atomic; set the fault before the threads start.
#pragma once

#include <atomic>
#include <utility>

#include "headrace/base/files.h"

namespace headrace {

enum class FileCall { open, read, write, sync, stat, list, make_folder, rename, remove };

class FaultyFiles final : public Files {
 public:
  // The nth call of this kind (from 1) and all later ones fail with the errno. 0 = never.
  void fail(FileCall call, int nth, int error_number) {
    call_ = call;
    nth_ = nth;
    error_number_ = error_number;
    seen_ = 0;
  }
  int seen() const { return seen_; }

  OrErrno<UniqueFd> open(const std::string& path, int flags, mode_t mode) override {
    if (due(FileCall::open)) return std::unexpected(error_number_);
    return real_files().open(path, flags, mode);
  }
  OrErrno<size_t> read_at(int fd, std::span<std::byte> target, uint64_t offset) override {
    if (due(FileCall::read)) return std::unexpected(error_number_);
    return real_files().read_at(fd, target, offset);
  }
  OrErrno<size_t> write_at(int fd, std::span<const std::byte> source, uint64_t offset) override {
    if (due(FileCall::write)) return std::unexpected(error_number_);
    return real_files().write_at(fd, source, offset);
  }
  OrErrno<void> sync(int fd) override {
    if (due(FileCall::sync)) return std::unexpected(error_number_);
    return real_files().sync(fd);
  }
  OrErrno<FileStat> stat(const std::string& path) override {
    if (due(FileCall::stat)) return std::unexpected(error_number_);
    return real_files().stat(path);
  }
  OrErrno<FileStat> stat(int fd) override {
    if (due(FileCall::stat)) return std::unexpected(error_number_);
    return real_files().stat(fd);
  }
  OrErrno<std::vector<FolderEntry>> list(const std::string& folder) override {
    if (due(FileCall::list)) return std::unexpected(error_number_);
    return real_files().list(folder);
  }
  OrErrno<void> make_folder(const std::string& path) override {
    if (due(FileCall::make_folder)) return std::unexpected(error_number_);
    return real_files().make_folder(path);
  }
  OrErrno<void> rename(const std::string& source, const std::string& target) override {
    if (due(FileCall::rename)) return std::unexpected(error_number_);
    return real_files().rename(source, target);
  }
  OrErrno<void> remove(const std::string& path) override {
    if (due(FileCall::remove)) return std::unexpected(error_number_);
    return real_files().remove(path);
  }

 private:
  bool due(FileCall call) { return call == call_ && nth_ > 0 && ++seen_ >= nth_; }

  FileCall call_ = FileCall::open;
  int nth_ = 0;
  int error_number_ = 0;
  std::atomic<int> seen_{0};
};

}  // namespace headrace

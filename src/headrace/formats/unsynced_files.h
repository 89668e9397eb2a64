// Files that do not wait for the disk: for what can be made again, and is not believed after a
// crash. Thread safety: that of the files behind them.
#pragma once

#include "headrace/base/files.h"

namespace headrace::formats {

class UnsyncedFiles final : public Files {
 public:
  explicit UnsyncedFiles(Files& files) : files_(files) {}
  OrErrno<void> sync(int /*fd*/) override { return {}; }
  OrErrno<UniqueFd> open(const std::string& path, int flags, mode_t mode) override {
    return files_.open(path, flags, mode);
  }
  OrErrno<size_t> read_at(int fd, std::span<std::byte> target, uint64_t offset_bytes) override {
    return files_.read_at(fd, target, offset_bytes);
  }
  OrErrno<size_t> write_at(int fd, std::span<const std::byte> source,
                           uint64_t offset_bytes) override {
    return files_.write_at(fd, source, offset_bytes);
  }
  OrErrno<FileStat> stat(const std::string& path) override { return files_.stat(path); }
  OrErrno<FileStat> stat(int fd) override { return files_.stat(fd); }
  OrErrno<std::vector<FolderEntry>> list(const std::string& folder) override {
    return files_.list(folder);
  }
  OrErrno<void> make_folder(const std::string& path) override { return files_.make_folder(path); }
  OrErrno<void> rename(const std::string& source, const std::string& target) override {
    return files_.rename(source, target);
  }
  OrErrno<void> remove(const std::string& path) override { return files_.remove(path); }

 private:
  Files& files_;
};

}  // namespace headrace::formats

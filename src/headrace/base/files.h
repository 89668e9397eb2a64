// The seam between Headrace and the operating system's files: each call is one system call, retried
// on EINTR. Thread safety: any thread. Failures are errno values, never exceptions; callers that
// cannot go on use throw_errno.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/unique_fd.h"

namespace headrace {

struct FileStat {
  uint64_t size_bytes = 0;
  int64_t modified_ns = 0;
  bool is_folder = false;
  bool is_regular = false;
  bool is_block_device = false;  // its size is known of a descriptor only
};
struct FolderEntry {
  std::string name;
  bool is_folder = false;
};

template <typename T>
using OrErrno = std::expected<T, int>;  // the error is a positive errno

class Files {
 public:
  virtual ~Files() = default;
  virtual OrErrno<UniqueFd> open(const std::string& path, int flags, mode_t mode = 0644) = 0;
  // Bytes moved; fewer than asked only at the end of the file (read) or never (write).
  virtual OrErrno<size_t> read_at(int fd, std::span<std::byte> target, uint64_t offset_bytes) = 0;
  virtual OrErrno<size_t> write_at(int fd, std::span<const std::byte> source,
                                   uint64_t offset_bytes) = 0;
  virtual OrErrno<void> sync(int fd) = 0;
  virtual OrErrno<FileStat> stat(const std::string& path) = 0;
  virtual OrErrno<FileStat> stat(int fd) = 0;
  virtual OrErrno<std::vector<FolderEntry>> list(const std::string& folder) = 0;  // sorted by name
  virtual OrErrno<void> make_folder(
      const std::string& path) = 0;  // parents must exist; EEXIST is success
  virtual OrErrno<void> rename(const std::string& source, const std::string& target) = 0;
  virtual OrErrno<void> remove(const std::string& path) = 0;
};

// The operating system's own.
Files& real_files();

// Reads a whole file of at most `limit_bytes`; throws Error.
std::vector<std::byte> read_file(Files& files, const std::string& path, uint64_t limit_bytes);

// Makes `path` and its missing parents; throws Error.
void make_folders(Files& files, const std::string& path);

// Writes under "<path>.partial" and shows the file under its own name only when whole and synced
// (fsync, rename, fsync of the folder). Not published = removed by the destructor, unless it was
// saved: then another AtomicFile can go on behind what was. Throws Error.
class AtomicFile {
 public:
  AtomicFile(Files& files, std::string path, uint64_t saved_bytes = 0);
  AtomicFile(AtomicFile&&) = delete;
  ~AtomicFile();
  void append(std::span<const std::byte> bytes);
  void write_at(std::span<const std::byte> bytes,
                uint64_t offset_bytes);  // within what was appended
  uint64_t size_bytes() const { return size_bytes_; }
  // Where it lies until then.
  const std::string& partial_path() const { return partial_path_; }
  void save();  // what was appended is on the disk and stays there, if under another name
  void forget() { stays_ = false; }  // it goes, even if saved
  void publish();

 private:
  void sync();
  void check_nothing_is_behind();

  Files& files_;
  std::string path_;
  std::string partial_path_;
  UniqueFd fd_;
  uint64_t size_bytes_ = 0;
  bool stays_ = false;
};

// What a user wants written at `path`: a file whole or not at all; what is no file, /dev/null or a
// pipe, as it stands. Throws Error.
void write_output(const std::string& path, std::string_view text);

}  // namespace headrace

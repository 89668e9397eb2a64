// Files over the system calls, and what every writer of files needs: read whole, publish whole.
#include "headrace/base/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>

#include "headrace/base/check.h"
#include "headrace/base/error.h"

namespace headrace {
namespace {

template <typename Call>
auto retried(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}
OrErrno<void> done_or_errno(int result) {
  if (result < 0) return std::unexpected(errno);
  return {};
}
FileStat stat_of(const struct ::stat& raw) {
  return {.size_bytes = static_cast<uint64_t>(raw.st_size),
          .modified_ns = int64_t{raw.st_mtim.tv_sec} * 1'000'000'000 + raw.st_mtim.tv_nsec,
          .is_folder = S_ISDIR(raw.st_mode),
          .is_regular = S_ISREG(raw.st_mode),
          .is_block_device = S_ISBLK(raw.st_mode)};
}
std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

class RealFiles final : public Files {
 public:
  OrErrno<UniqueFd> open(const std::string& path, int flags, mode_t mode) override {
    const int fd = retried([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
    if (fd < 0) return std::unexpected(errno);
    return UniqueFd(fd);
  }
  OrErrno<size_t> read_at(int fd, std::span<std::byte> target, uint64_t offset_bytes) override {
    size_t moved = 0;
    while (moved < target.size()) {
      const ssize_t step = retried([&] {
        return ::pread(fd, target.data() + moved, target.size() - moved,
                       static_cast<off_t>(offset_bytes + moved));
      });
      if (step < 0) return std::unexpected(errno);
      if (step == 0) break;
      moved += static_cast<size_t>(step);
    }
    return moved;
  }
  OrErrno<size_t> write_at(int fd, std::span<const std::byte> source,
                           uint64_t offset_bytes) override {
    size_t moved = 0;
    while (moved < source.size()) {
      const ssize_t step = retried([&] {
        return ::pwrite(fd, source.data() + moved, source.size() - moved,
                        static_cast<off_t>(offset_bytes + moved));
      });
      if (step < 0) return std::unexpected(errno);
      moved += static_cast<size_t>(step);
    }
    return moved;
  }
  OrErrno<void> sync(int fd) override {
    return done_or_errno(retried([&] { return ::fsync(fd); }));
  }
  OrErrno<FileStat> stat(const std::string& path) override {
    struct ::stat raw;
    if (::stat(path.c_str(), &raw) < 0) return std::unexpected(errno);
    return stat_of(raw);
  }
  OrErrno<FileStat> stat(int fd) override {
    struct ::stat raw;
    if (::fstat(fd, &raw) < 0) return std::unexpected(errno);
    FileStat stat = stat_of(raw);
    if (stat.is_block_device && ::ioctl(fd, BLKGETSIZE64, &stat.size_bytes) < 0) {
      return std::unexpected(errno);
    }
    return stat;
  }
  OrErrno<std::vector<FolderEntry>> list(const std::string& folder) override {
    const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(folder.c_str()), ::closedir);
    if (!handle) return std::unexpected(errno);
    std::vector<FolderEntry> entries;
    errno = 0;
    while (const dirent* entry = ::readdir(handle.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      bool is_folder = entry->d_type == DT_DIR;
      if (entry->d_type == DT_UNKNOWN || entry->d_type == DT_LNK) {
        const auto target = stat(folder + "/" + name);
        is_folder = target && target->is_folder;
      }
      entries.push_back({name, is_folder});
      errno = 0;
    }
    if (errno != 0) return std::unexpected(errno);
    std::ranges::sort(entries, {}, &FolderEntry::name);
    return entries;
  }
  OrErrno<void> make_folder(const std::string& path) override {
    if (::mkdir(path.c_str(), 0755) < 0 && errno != EEXIST) return std::unexpected(errno);
    return {};
  }
  OrErrno<void> rename(const std::string& source, const std::string& target) override {
    return done_or_errno(::rename(source.c_str(), target.c_str()));
  }
  OrErrno<void> remove(const std::string& path) override {
    return done_or_errno(::remove(path.c_str()));
  }
};

}  // namespace

Files& real_files() {
  static RealFiles files;
  return files;
}

std::vector<std::byte> read_file(Files& files, const std::string& path, uint64_t limit_bytes) {
  const auto fd = files.open(path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open", path);
  const auto stat = files.stat(fd->get());
  if (!stat) throw_errno(stat.error(), "cannot read the size of", path);
  if (stat->size_bytes > limit_bytes) {
    throw Error({.code = Code::corrupt,
                 .action = "cannot read",
                 .object = path,
                 .cause = fmt::format("it has {} bytes where at most {} make sense",
                                      stat->size_bytes, limit_bytes)});
  }
  std::vector<std::byte> bytes(stat->size_bytes);
  const auto moved = files.read_at(fd->get(), bytes, 0);
  if (!moved) throw_errno(moved.error(), "cannot read", path);
  bytes.resize(*moved);
  return bytes;
}

void make_folders(Files& files, const std::string& path) {
  if (const auto stat = files.stat(path); stat && stat->is_folder) return;
  if (const std::string parent = folder_of(path); parent != path && parent != ".") {
    make_folders(files, parent);
  }
  const auto made = files.make_folder(path);
  if (!made) throw_errno(made.error(), "cannot make folder", path);
}

AtomicFile::AtomicFile(Files& files, std::string path, uint64_t saved_bytes)
    : files_(files),
      path_(std::move(path)),
      partial_path_(path_ + ".partial"),
      size_bytes_(saved_bytes),
      stays_(saved_bytes > 0) {
  auto fd = files_.open(partial_path_, stays_ ? O_RDWR : O_RDWR | O_CREAT | O_TRUNC);
  if (!fd) throw_errno(fd.error(), stays_ ? "cannot go on with" : "cannot create", partial_path_);
  fd_ = std::move(*fd);
}

AtomicFile::~AtomicFile() {
  if (!stays_) (void)files_.remove(partial_path_);
}

void AtomicFile::append(std::span<const std::byte> bytes) {
  const auto moved = files_.write_at(fd_.get(), bytes, size_bytes_);
  if (!moved) throw_errno(moved.error(), "cannot write", partial_path_, size_bytes_);
  size_bytes_ += bytes.size();
}

void AtomicFile::write_at(std::span<const std::byte> bytes, uint64_t offset_bytes) {
  HR_CHECK(offset_bytes + bytes.size() <= size_bytes_, "offset {}, size {}", offset_bytes,
           size_bytes_);
  const auto moved = files_.write_at(fd_.get(), bytes, offset_bytes);
  if (!moved) throw_errno(moved.error(), "cannot write", partial_path_, offset_bytes);
}

void AtomicFile::sync() {
  if (const auto synced = files_.sync(fd_.get()); !synced) {
    throw_errno(synced.error(), "cannot sync", partial_path_);
  }
}

void AtomicFile::save() {
  sync();
  stays_ = true;
}

// An earlier run wrote on behind what it saved, and this one must have written all of that anew.
void AtomicFile::check_nothing_is_behind() {
  const auto stat = files_.stat(fd_.get());
  if (!stat) throw_errno(stat.error(), "cannot stat", partial_path_);
  if (stat->size_bytes == size_bytes_) return;
  throw Error({.action = "cannot finish",
               .object = partial_path_,
               .offset_bytes = size_bytes_,
               .cause = fmt::format("it has {} bytes, of another run", stat->size_bytes),
               .hint = "remove it and run the command again"});
}

void AtomicFile::publish() {
  if (stays_) check_nothing_is_behind();
  sync();
  if (const auto renamed = files_.rename(partial_path_, path_); !renamed) {
    throw_errno(renamed.error(), "cannot rename to", path_);
  }
  stays_ = true;
  const std::string folder = folder_of(path_);
  const auto folder_fd = files_.open(folder, O_RDONLY | O_DIRECTORY);
  if (!folder_fd) throw_errno(folder_fd.error(), "cannot open folder", folder);
  if (const auto synced = files_.sync(folder_fd->get()); !synced) {
    throw_errno(synced.error(), "cannot sync folder", folder);
  }
}

void write_output(const std::string& path, std::string_view text) {
  const auto found = real_files().stat(path);
  if (found && !found->is_regular) {
    std::ofstream stream(path);
    if (!(stream << text << std::flush)) throw_errno(errno, "cannot write", path);
    return;
  }
  AtomicFile file(real_files(), path);
  file.append(std::as_bytes(std::span(text)));
  file.publish();
}

}  // namespace headrace

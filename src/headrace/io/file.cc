// Opening a file for rings: once buffered, and once direct where the kernel says with which
// alignment.
#include "headrace/io/file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <bit>

#include "headrace/base/error.h"
#include "headrace/io/ring.h"

namespace headrace::io {
namespace {

constexpr uint32_t k_unknown_alignment = 4096;  // no sector in use is larger

struct Alignment {
  uint32_t memory = 1;
  uint32_t offset = 1;
  std::string why_not = {};  // empty = direct I/O is possible
  uint64_t inode = 0;
};

bool is_memory_backed(int fd) {
  struct statfs found = {};
  if (::fstatfs(fd, &found) != 0) return false;
  return found.f_type == TMPFS_MAGIC || found.f_type == RAMFS_MAGIC;
}

// STATX_DIOALIGN is Linux 6.1 and later, and not on every file system; tmpfs opens with O_DIRECT
// yet says nothing.
Alignment ask_alignment(int fd) {
  struct statx found = {};
  const unsigned mask = STATX_BASIC_STATS | STATX_DIOALIGN;
  if (::statx(fd, "", AT_EMPTY_PATH, mask, &found) != 0) found.stx_mask = 0;
  Alignment alignment{.inode = found.stx_ino};
  if ((found.stx_mask & STATX_DIOALIGN) != 0) {
    alignment.memory = found.stx_dio_mem_align;
    alignment.offset = found.stx_dio_offset_align;
    if (alignment.memory == 0 || alignment.offset == 0) {
      alignment.why_not = "the file system has no direct I/O for this file";
    }
    return alignment;
  }
  if (is_memory_backed(fd)) alignment.why_not = "the file system lives in memory";
  alignment.memory = alignment.offset = k_unknown_alignment;
  return alignment;
}

// What the alignment plan can serve: powers of two that a target's own alignment covers.
void refuse_odd_alignment(Alignment& alignment) {
  const bool fits =
      std::has_single_bit(alignment.memory) && std::has_single_bit(alignment.offset) &&
      alignment.memory <= k_target_alignment && alignment.offset <= k_target_alignment;
  if (alignment.why_not.empty() && !fits) {
    alignment.why_not = fmt::format("direct I/O wants memory on {} and offsets on {} bytes",
                                    alignment.memory, alignment.offset);
  }
}

void open_direct(Files& files, FileParts& parts, int flags) {
  Alignment alignment = ask_alignment(parts.fd_buffered.get());
  refuse_odd_alignment(alignment);
  parts.why_not_direct = alignment.why_not;
  if (!parts.why_not_direct.empty()) return;
  auto fd = files.open(parts.path, flags | O_DIRECT);
  if (!fd) {
    parts.why_not_direct = "opening with O_DIRECT: " + text_of_errno(fd.error());
    return;
  }
  if (ask_alignment(fd->get()).inode != alignment.inode) {
    parts.why_not_direct = "another file took its name while it was opened";
    return;
  }
  parts.fd_direct = std::move(*fd);
  parts.memory_alignment = alignment.memory;
  parts.offset_alignment = alignment.offset;
}

// Looked at before it is opened: opening a named pipe would block until someone writes.
void refuse_irregular(Files& files, const std::string& path, Access access) {
  const auto stat = files.stat(path);
  if (!stat && stat.error() == ENOENT && access == Access::create) return;
  if (!stat) throw_errno(stat.error(), "cannot open", path);
  if (stat->is_regular || (stat->is_block_device && access == Access::read)) return;
  throw Error({.code = Code::invalid_argument,
               .action = "cannot open",
               .object = path,
               .cause = stat->is_folder         ? "it is a folder"
                        : stat->is_block_device ? "a device is never written to"
                                                : "it is not a regular file"});
}

}  // namespace

File::File(FileParts parts) : parts_(std::move(parts)) {
  static std::atomic<uint64_t> last_id{0};
  id_ = ++last_id;
}

std::unique_ptr<File> File::open(Files& files, const std::string& path, Caching caching,
                                 Access access) {
  refuse_irregular(files, path, access);
  const int flags = access == Access::read ? O_RDONLY : O_RDWR;
  auto fd = files.open(path, access == Access::create ? flags | O_CREAT | O_TRUNC : flags);
  if (!fd) throw_errno(fd.error(), "cannot open", path);
  const auto stat = files.stat(fd->get());
  if (!stat) throw_errno(stat.error(), "cannot stat", path);
  FileParts parts{.path = path,
                  .size_bytes = stat->size_bytes,
                  .fd_buffered = std::move(*fd),
                  .writable = access != Access::read};
  if (caching == Caching::page) {
    parts.why_not_direct = "the page cache was asked for";
  } else {
    if (caching == Caching::direct) open_direct(files, parts, flags);
    if (caching == Caching::uncached) parts.why_not_direct = "buffered reads were asked for";
    parts.uncached = !is_memory_backed(parts.fd_buffered.get());
  }
  return std::make_unique<File>(std::move(parts));
}

}  // namespace headrace::io

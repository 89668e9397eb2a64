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

}  // namespace

std::unique_ptr<File> File::open(Files& files, const std::string& path, Caching caching) {
  // Looked at before it is opened: opening a named pipe would block until someone writes.
  const auto before = files.stat(path);
  if (!before) throw_errno(before.error(), "cannot open", path);
  if (!before->is_regular) {
    throw Error({.code = Code::invalid_argument,
                 .action = "cannot open",
                 .object = path,
                 .cause = before->is_folder ? "it is a folder" : "it is not a regular file"});
  }
  auto fd = files.open(path, O_RDONLY);
  if (!fd) throw_errno(fd.error(), "cannot open", path);
  const auto stat = files.stat(fd->get());
  if (!stat) throw_errno(stat.error(), "cannot stat", path);
  auto file = std::unique_ptr<File>(new File());
  file->path_ = path;
  file->size_bytes_ = stat->size_bytes;
  file->fd_buffered_ = std::move(*fd);
  if (caching == Caching::page) {
    file->why_not_direct_ = "the page cache was asked for";
  } else {
    file->open_direct(files);
  }
  return file;
}

void File::open_direct(Files& files) {
  Alignment alignment = ask_alignment(fd_buffered_.get());
  refuse_odd_alignment(alignment);
  why_not_direct_ = alignment.why_not;
  if (!why_not_direct_.empty()) return;
  auto fd = files.open(path_, O_RDONLY | O_DIRECT);
  if (!fd) {
    why_not_direct_ = "opening with O_DIRECT: " + text_of_errno(fd.error());
    return;
  }
  if (ask_alignment(fd->get()).inode != alignment.inode) {
    why_not_direct_ = "another file took its name while it was opened";
    return;
  }
  fd_direct_ = std::move(*fd);
  memory_alignment_ = alignment.memory;
  offset_alignment_ = alignment.offset;
}

}  // namespace headrace::io

// A file read through memory. Its bytes are those of the open file even when the name is replaced
// meanwhile. Thread safety: const after open. Invariant: bytes() stays valid and in place while the
// value lives.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>
#include <span>
#include <string>
#include <utility>

#include "headrace/base/files.h"

namespace headrace::formats {

class MappedFile {
 public:
  static OrErrno<MappedFile> open(Files& files, const std::string& path) {
    const auto fd = files.open(path, O_RDONLY);
    if (!fd) return std::unexpected(fd.error());
    const auto stat = files.stat(fd->get());
    if (!stat) return std::unexpected(stat.error());
    if (!stat->is_regular) return std::unexpected(EINVAL);
    if (stat->size_bytes == 0) return MappedFile();
    void* start = ::mmap(nullptr, stat->size_bytes, PROT_READ, MAP_SHARED, fd->get(), 0);
    if (start == MAP_FAILED) return std::unexpected(errno);
    return MappedFile({static_cast<const std::byte*>(start), stat->size_bytes});
  }
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile() {
    if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
  }
  std::span<const std::byte> bytes() const { return bytes_; }
  // The pages leave this process, not the page cache: they come back when looked at.
  void release_pages() const {
    if (bytes_.empty()) return;
    (void)::madvise(const_cast<std::byte*>(bytes_.data()), bytes_.size(), MADV_DONTNEED);
  }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::span<const std::byte> bytes_;
};

}  // namespace headrace::formats

// mincore(2) looks without touching. It tells the truth to those who own a file or may write it,
// and "all in memory" to all others; cachestat(2) refuses them instead, but is of Linux 6.5.
#include "headrace/storage/page_cache.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>

namespace headrace::storage {
namespace {

constexpr uint64_t k_missing_share = 64;  // one of so many may be missing
constexpr uint64_t k_xfs_magic = 0x58465342;

bool is_told_the_truth(int fd, const std::string& path) {
  struct ::stat found = {};
  const bool is_owner = ::fstat(fd, &found) == 0 && found.st_uid == ::geteuid();
  return is_owner || ::geteuid() == 0 || ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

uint64_t count_in_memory(std::span<std::byte> map, uint64_t looked_at_count) {
  const auto page_bytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  const uint64_t page_count = (map.size() + page_bytes - 1) / page_bytes;
  uint64_t count = 0;
  for (uint64_t i = 0; i < looked_at_count; ++i) {
    const uint64_t page = (2 * i + 1) * page_count / (2 * looked_at_count);
    unsigned char state = 0;
    if (::mincore(map.data() + page * page_bytes, 1, &state) == 0) count += state & 1U;
  }
  return count;
}

uint64_t pages_in_memory(Files& files, const std::string& path, uint64_t looked_at_count) {
  const auto fd = files.open(path, O_RDONLY);
  if (!fd || !is_told_the_truth(fd->get(), path)) return 0;
  const auto stat = files.stat(fd->get());
  if (!stat || !stat->is_regular) return 0;
  if (stat->size_bytes == 0) return looked_at_count;
  void* start = ::mmap(nullptr, stat->size_bytes, PROT_READ, MAP_SHARED, fd->get(), 0);
  if (start == MAP_FAILED) return 0;
  const uint64_t count =
      count_in_memory({static_cast<std::byte*>(start), stat->size_bytes}, looked_at_count);
  ::munmap(start, stat->size_bytes);
  return count;
}

}  // namespace

bool PageSample::is_in_memory() const {
  return looked_at_count > 0 &&
         looked_at_count - in_memory_count <= looked_at_count / k_missing_share;
}

PageSample sample_pages(Files& files, std::span<const std::string> paths) {
  PageSample sample;
  const uint64_t each = std::max<uint64_t>(1, k_sampled_pages / std::max<size_t>(1, paths.size()));
  for (const std::string& path : paths) {
    sample.looked_at_count += each;
    sample.in_memory_count += pages_in_memory(files, path, each);
    if (!sample.is_in_memory() && sample.looked_at_count >= k_sampled_pages / 4) break;
  }
  return sample;
}

bool is_mapped_safely(const std::string& path) {
  struct ::statfs found = {};
  return ::statfs(path.c_str(), &found) == 0 &&
         is_mapped_safely(static_cast<uint64_t>(found.f_type));
}

bool is_mapped_safely(uint64_t file_system_magic) {
  constexpr uint64_t k_local[] = {EXT4_SUPER_MAGIC, k_xfs_magic, BTRFS_SUPER_MAGIC,
                                  F2FS_SUPER_MAGIC, TMPFS_MAGIC, OVERLAYFS_SUPER_MAGIC};
  return std::ranges::find(k_local, file_system_magic) != std::end(k_local);
}

}  // namespace headrace::storage

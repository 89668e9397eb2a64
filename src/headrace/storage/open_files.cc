// Least recently used, idle files only.
#include "headrace/storage/open_files.h"

#include <sys/resource.h>

#include <algorithm>

#include "headrace/base/check.h"

namespace headrace::storage {
namespace {

// Left for everything else that a process opens: shards, sockets, logs, libraries.
constexpr uint64_t k_spared_descriptors = 128;

uint64_t descriptor_limit() {
  rlimit limit = {};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 1024;
}

}  // namespace

size_t capacity_within(size_t wish, uint64_t descriptor_limit) {
  const uint64_t left = descriptor_limit - std::min(descriptor_limit, k_spared_descriptors);
  return std::clamp<uint64_t>(left / 2, 1, std::max<size_t>(wish, 1));
}

OpenFiles::OpenFiles(OpenFilesOptions options) : options_(std::move(options)) {
  HR_CHECK(options_.capacity > 0);
  options_.capacity = capacity_within(options_.capacity, descriptor_limit());
}

const io::File* OpenFiles::acquire(uint64_t file_index) {
  const auto found = entries_.find(file_index);
  if (found != entries_.end()) {
    recency_.splice(recency_.begin(), recency_, found->second.place);
    ++found->second.use_count;
    return found->second.file.get();
  }
  while (entries_.size() >= options_.capacity && close_idle()) {
  }
  auto file = io::File::open(*options_.files, options_.path_of(file_index), options_.caching);
  const uint64_t disk = options_.disk_of ? options_.disk_of(*file) : 0;
  recency_.push_front(file_index);
  const auto [entry, added] = entries_.try_emplace(file_index);
  HR_CHECK(added);
  entry->second = {
      .file = std::move(file), .use_count = 1, .disk = disk, .place = recency_.begin()};
  return entry->second.file.get();
}

void OpenFiles::release(uint64_t file_index) {
  const auto found = entries_.find(file_index);
  HR_CHECK(found != entries_.end() && found->second.use_count > 0, "file {}", file_index);
  --found->second.use_count;
}

uint64_t OpenFiles::disk_of(uint64_t file_index) const {
  const auto found = entries_.find(file_index);
  HR_CHECK(found != entries_.end(), "file {}", file_index);
  return found->second.disk;
}

// False when all are in use.
bool OpenFiles::close_idle() {
  for (auto place = recency_.end(); place != recency_.begin();) {
    --place;
    const auto found = entries_.find(*place);
    if (found->second.use_count > 0) continue;
    recency_.erase(place);
    entries_.erase(found);
    return true;
  }
  return false;
}

}  // namespace headrace::storage

// Least recently used, idle files only.
#include "headrace/storage/open_files.h"

#include "headrace/base/check.h"

namespace headrace::storage {

OpenFiles::OpenFiles(OpenFilesOptions options) : options_(std::move(options)) {
  HR_CHECK(options_.capacity > 0);
}

const io::File* OpenFiles::acquire(uint64_t file_index) {
  const auto found = entries_.find(file_index);
  if (found != entries_.end()) {
    recency_.splice(recency_.begin(), recency_, found->second.place);
    ++found->second.use_count;
    return found->second.file.get();
  }
  if (entries_.size() >= options_.capacity) close_idle();
  auto file = io::File::open(*options_.files, options_.path_of(file_index), options_.caching);
  recency_.push_front(file_index);
  const auto [entry, added] = entries_.try_emplace(file_index);
  HR_CHECK(added);
  entry->second = {.file = std::move(file), .use_count = 1, .place = recency_.begin()};
  return entry->second.file.get();
}

void OpenFiles::release(uint64_t file_index) {
  const auto found = entries_.find(file_index);
  HR_CHECK(found != entries_.end() && found->second.use_count > 0, "file {}", file_index);
  --found->second.use_count;
}

void OpenFiles::close_idle() {
  for (auto place = recency_.end(); place != recency_.begin();) {
    --place;
    const auto found = entries_.find(*place);
    if (found->second.use_count > 0) continue;
    recency_.erase(place);
    entries_.erase(found);
    return;
  }
}

}  // namespace headrace::storage

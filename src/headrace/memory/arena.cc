// Arenas from mmap: huge pages first, then transparent ones, then plain; populated before anyone
// uses them.
#include "headrace/memory/arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "headrace/base/error.h"
#include "headrace/base/sizes.h"
#include "headrace/memory/available.h"

namespace headrace::memory {
namespace {

constexpr size_t k_huge_page_bytes = size_t{2} << 20;
// Below, a huge page would be mostly empty. Direct reads into plain pages are slower by a third.
constexpr size_t k_least_for_huge_bytes = k_huge_page_bytes / 8;

struct Mapping {
  std::span<std::byte> mapping = {};
  std::byte* base = nullptr;
  const char* page_kind = "plain";
};

size_t rounded_up(size_t size_bytes, size_t step_bytes) {
  return (size_bytes + step_bytes - 1) / step_bytes * step_bytes;
}

Mapping map_anonymous(size_t size_bytes, int more_flags) {
  void* at = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | more_flags, -1, 0);
  if (at == MAP_FAILED) return {};
  auto* base = static_cast<std::byte*>(at);
  return {.mapping = {base, size_bytes}, .base = base};
}

Mapping map_huge(size_t size_bytes) {
  Mapping made = map_anonymous(rounded_up(size_bytes, k_huge_page_bytes), MAP_HUGETLB);
  made.page_kind = "huge";
  return made;
}

// MADV_HUGEPAGE only helps on whole 2 MiB pages, so the base is moved up to a 2 MiB boundary.
Mapping map_transparent(size_t size_bytes) {
  Mapping made = map_anonymous(rounded_up(size_bytes, k_huge_page_bytes) + k_huge_page_bytes, 0);
  if (made.base == nullptr) return made;
  const auto address = reinterpret_cast<uintptr_t>(made.base);
  made.base += rounded_up(address, k_huge_page_bytes) - address;
  const bool advised =
      transparent_huge_pages_allowed() &&
      ::madvise(made.base, rounded_up(size_bytes, k_huge_page_bytes), MADV_HUGEPAGE) == 0;
  if (advised) made.page_kind = "transparent huge";
  return made;
}

void unmap(std::span<std::byte> mapping) {
  if (!mapping.empty()) ::munmap(mapping.data(), mapping.size());
}

// Gives every page its memory now: a page fault later costs a read its latency, and a lack of
// memory shows here. MADV_POPULATE_WRITE (Linux 5.14) says ENOMEM or EFAULT where touching would
// raise SIGBUS.
bool populate(std::byte* base, size_t size_bytes) {
  const size_t page_bytes = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  if (::madvise(base, rounded_up(size_bytes, page_bytes), MADV_POPULATE_WRITE) == 0) return true;
  if (errno != EINVAL) return false;
  for (size_t offset = 0; offset < size_bytes; offset += page_bytes) {
    *const_cast<volatile std::byte*>(base + offset) = std::byte{0};
  }
  return true;
}

[[noreturn]] void refuse(size_t size_bytes, std::string cause) {
  throw Error({.code = Code::no_space,
               .action = "cannot take an arena of " + format_size(size_bytes),
               .cause = std::move(cause),
               .hint = "a smaller batch, fewer batches in flight, or more memory"});
}

Mapping map_best(const ArenaOptions& options) {
  if (options.huge_pages && options.size_bytes >= k_least_for_huge_bytes) {
    Mapping huge = map_huge(options.size_bytes);
    const bool usable =
        huge.base != nullptr && (!options.touched || populate(huge.base, options.size_bytes));
    if (usable) return huge;
    unmap(huge.mapping);
    Mapping transparent = map_transparent(options.size_bytes);
    if (transparent.base != nullptr) return transparent;
  }
  const size_t page_bytes = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  return map_anonymous(rounded_up(options.size_bytes, page_bytes), 0);
}

}  // namespace

Arena::Arena(const ArenaOptions& options) {
  if (options.size_bytes == 0) refuse(0, "the size is zero");
  const Available available = available_bytes();
  if (options.size_bytes > available.size_bytes) {
    refuse(options.size_bytes,
           format_size(available.size_bytes) + " is available (" + available.limited_by + ")");
  }
  const Mapping made = map_best(options);
  if (made.base == nullptr) refuse(options.size_bytes, "mmap: " + text_of_errno(errno));
  mapping_ = made.mapping;
  bytes_ = {made.base, options.size_bytes};
  page_kind_ = made.page_kind;
  if (options.touched && !populate(made.base, options.size_bytes)) {
    const int error_number = errno;
    unmap(std::exchange(mapping_, {}));
    refuse(options.size_bytes, "populating its pages: " + text_of_errno(error_number));
  }
}

Arena::Arena(Arena&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})),
      mapping_(std::exchange(other.mapping_, {})),
      page_kind_(std::move(other.page_kind_)) {}

Arena& Arena::operator=(Arena&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(mapping_, other.mapping_);
  std::swap(page_kind_, other.page_kind_);
  return *this;
}

Arena::~Arena() { unmap(mapping_); }

}  // namespace headrace::memory

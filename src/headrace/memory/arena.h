// A block of memory taken once: page-aligned, on huge pages where the kernel gives them, touched at
// birth unless told otherwise. Thread safety: the bytes are the caller's to share. Nothing grows
// after construction.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace headrace::memory {

struct ArenaOptions {
  size_t size_bytes = 0;
  bool huge_pages = true;  // MAP_HUGETLB, else MADV_HUGEPAGE on a 2 MiB boundary, else plain pages
  bool touched = true;     // false: a page gets its memory when it is first written
};

class Arena {
 public:
  explicit Arena(const ArenaOptions& options);  // throws Error: how much was asked, what limits it
  Arena(Arena&& other) noexcept;
  Arena& operator=(Arena&& other) noexcept;
  ~Arena();
  std::span<std::byte> bytes() const { return bytes_; }
  const std::string& page_kind() const {
    return page_kind_;
  }  // "huge", "transparent huge", "plain"

 private:
  std::span<std::byte> bytes_;
  std::span<std::byte> mapping_;
  std::string page_kind_;
};

}  // namespace headrace::memory

// Whether files lie in memory already, and on a file system whose maps are as safe as its reads:
// then mapping them saves the kernel's copy. Thread safety: pure readings. Invariants: 1. nothing
// is read from a disk to find out; 2. what the kernel does not say counts as not in memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "headrace/base/files.h"

namespace headrace::storage {

struct PageSample {
  uint64_t looked_at_count = 0;
  uint64_t in_memory_count = 0;
  bool is_in_memory() const;  // but for a few pages
};

// Looks at about k_sampled_pages pages, spread evenly over the files.
inline constexpr uint64_t k_sampled_pages = 1024;
PageSample sample_pages(Files& files, std::span<const std::string> paths);

// A local file system, of which pages do not vanish under a map when a server or another machine
// changes the file. By statfs's number, so that tests name file systems that they cannot mount.
bool is_mapped_safely(const std::string& path);
bool is_mapped_safely(uint64_t file_system_magic);

}  // namespace headrace::storage

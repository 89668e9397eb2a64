// What this process has used so far: bytes by the kernel's count, processor time, memory.
// Thread safety: pure readings of the kernel. `root` stands before /proc so that tests read
// fixtures.
#pragma once

#include <cstdint>
#include <string>

namespace headrace::observe {

// /proc/self/io. rchar counts what read calls returned, from the page cache or not, and nothing of
// io_uring's reads (Linux 6.18: 70 KB for 120 MB); read_bytes counts what storage gave to either.
struct ProcessIo {
  uint64_t rchar = 0;
  uint64_t wchar = 0;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
};
ProcessIo read_process_io(const std::string& root = "");

struct ProcessUsage {
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  uint64_t peak_rss_bytes = 0;
  uint64_t rss_bytes = 0;
};
ProcessUsage read_process_usage(const std::string& root = "");

// What the kernel could hand out without swapping; 0 = not known.
uint64_t available_memory_bytes(const std::string& root = "");

}  // namespace headrace::observe

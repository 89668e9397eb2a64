// /proc/self/io, getrusage and /proc/meminfo.
#include "headrace/observe/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include "headrace/observe/proc_text.h"

namespace headrace::observe {

namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

ProcessIo read_process_io(const std::string& root) {
  const std::string text = read_proc_text(root + "/proc/self/io");
  return {.rchar = leading_number(line_after(text, "rchar:")),
          .wchar = leading_number(line_after(text, "wchar:")),
          .read_bytes = leading_number(line_after(text, "read_bytes:")),
          .write_bytes = leading_number(line_after(text, "write_bytes:"))};
}

ProcessUsage read_process_usage(const std::string& root) {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return {};
  const std::string statm = read_proc_text(root + "/proc/self/statm");
  const size_t space = statm.find(' ');
  const uint64_t pages =
      space == std::string::npos ? 0 : leading_number(std::string_view(statm).substr(space + 1));
  return {.cpu_user_s = seconds_of(usage.ru_utime),
          .cpu_system_s = seconds_of(usage.ru_stime),
          .peak_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024,
          .rss_bytes = pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE))};
}

uint64_t available_memory_bytes(const std::string& root) {
  const std::string text = read_proc_text(root + "/proc/meminfo");
  return leading_number(line_after(text, "MemAvailable:")) * 1024;
}

}  // namespace headrace::observe

// Any text as the NFS client's counters; the first line of it as the folder.
#include <cstdint>
#include <string_view>

#include "headrace/doctor/mountstats.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(text.find('\n'), text.size());
  headrace::doctor::nfs_reads_of(text.substr(end), text.substr(0, end));
  return 0;
}

// Config files of gdsio: any text is read or refused.
#include "headrace/base/error.h"
#include "headrace/bench/gdsio_options.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size_bytes) {
  try {
    const auto options = headrace::bench::parse_gdsio_config(
        {reinterpret_cast<const char*>(data), size_bytes}, "fuzz.gdsio");
    if (options.io_size.least_bytes > options.io_size.most_bytes) __builtin_trap();
    for (const auto& job : options.jobs) {
      if (job.threads == 0 || job.threads > 1024) __builtin_trap();
    }
  } catch (const headrace::Error&) {
  }
  return 0;
}

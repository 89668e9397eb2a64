// Any text as cufile.json: an answer or a sentence, never a crash.
#include <cstdint>
#include <cstdlib>

#include "headrace/doctor/cufile_settings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto settings =
      headrace::doctor::parse_cufile_json({reinterpret_cast<const char*>(data), size});
  if (!settings && settings.error().empty()) std::abort();
  return 0;
}

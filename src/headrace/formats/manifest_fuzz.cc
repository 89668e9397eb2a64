// Any text as a manifest: what is believed is written and read back equal.
#include <cstdlib>

#include "headrace/formats/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::formats;
  const auto manifest = parse_manifest({reinterpret_cast<const char*>(data), size});
  if (!manifest) return 0;
  const auto again = parse_manifest(to_json(*manifest));
  if (!again || *again != *manifest) std::abort();
  return 0;
}

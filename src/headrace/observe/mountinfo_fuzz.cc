// Any text as a mount table: each mount found is one that a path can lie in.
#include <cstdint>
#include <cstdlib>

#include "headrace/observe/mountinfo.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace headrace::observe;
  const auto mounts = parse_mountinfo({reinterpret_cast<const char*>(data), size});
  for (const Mount& mount : mounts) {
    const Mount* holder = mount_holding(mounts, mount.folder);
    if (mount.folder.starts_with('/') && holder == nullptr) std::abort();
    if (!option_value(mount.options, "ro").empty() && !has_option(mount.options, "ro"))
      std::abort();
  }
  return 0;
}

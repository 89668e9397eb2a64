// dlopen, with its answer as a value.
#include "headrace/shim/library.h"

namespace headrace::shim {

std::expected<Library, std::string> Library::open(const std::string& name) {
  Library library;
  library.handle_.reset(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (library.handle_) return library;
  const char* why = ::dlerror();
  return std::unexpected(why != nullptr ? why : "cannot open " + name);
}

}  // namespace headrace::shim

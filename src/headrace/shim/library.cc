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

std::expected<Library, std::string> Library::open_first(std::initializer_list<const char*> names) {
  std::expected<Library, std::string> first = std::unexpected("no name");
  for (const char* name : names) {
    auto opened = open(name);
    if (opened) return opened;
    if (name == *names.begin()) first = std::move(opened);
  }
  return first;
}

}  // namespace headrace::shim

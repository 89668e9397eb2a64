// A shared library opened at run time, closed at the end.
// Thread safety: const after open. Invariant: what find() returned is valid while it lives.
#pragma once

#include <dlfcn.h>

#include <expected>
#include <initializer_list>
#include <memory>
#include <string>

namespace headrace::shim {

class Library {
 public:
  // The error is the loader's own sentence.
  static std::expected<Library, std::string> open(const std::string& name);
  // The first name that opens; the error is of the first one.
  static std::expected<Library, std::string> open_first(std::initializer_list<const char*> names);

  // Sets `function` to the symbol; false when there is none.
  template <typename Function>
  bool find(const char* symbol, Function*& function) const {
    function = reinterpret_cast<Function*>(::dlsym(handle_.get(), symbol));
    return function != nullptr;
  }
  // It stays open for good: what it was given or gave is used until the process ends.
  void keep() { static_cast<void>(handle_.release()); }

 private:
  struct Close {
    void operator()(void* handle) const { ::dlclose(handle); }
  };
  std::unique_ptr<void, Close> handle_;
};

}  // namespace headrace::shim

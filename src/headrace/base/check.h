// HR_CHECK: a condition that only a bug can break. On in release; prints the expression and values,
// then aborts.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace headrace::detail {

[[noreturn]] inline void check_failed(const char* where, const char* what,
                                      const std::string& values) {
  const std::string text = fmt::format("headrace: bug at {}: {} does not hold{}{}\n", where, what,
                                       values.empty() ? "" : ": ", values);
  std::fputs(text.c_str(), stderr);
  std::abort();
}
inline std::string check_values() { return {}; }
template <typename... Args>
std::string check_values(fmt::format_string<Args...> format, Args&&... args) {
  return fmt::format(format, std::forward<Args>(args)...);
}

}  // namespace headrace::detail

#define HR_STRINGIFY_(x) #x
#define HR_STRINGIFY(x) HR_STRINGIFY_(x)
// HR_CHECK(index < count, "index {}, count {}", index, count)
#define HR_CHECK(condition, ...)                                                        \
  do {                                                                                  \
    if (!(condition)) [[unlikely]] {                                                    \
      ::headrace::detail::check_failed(__FILE__ ":" HR_STRINGIFY(__LINE__), #condition, \
                                       ::headrace::detail::check_values(__VA_ARGS__));  \
    }                                                                                   \
  } while (false)

// What every benchmark's main() does around its work: an Error is told, and is exit status 3.
// Thread safety: called once.
#pragma once

#include <fmt/format.h>

#include <cstdio>

#include "headrace/base/error.h"

namespace headrace::bench {

template <typename Run>
int exit_status_of(const char* program, Run run) {
  try {
    return run();
  } catch (const Error& error) {
    fmt::print(stderr, "{}: {}\n", program, error.what());
    return 3;
  }
}

}  // namespace headrace::bench

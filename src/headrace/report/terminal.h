// The report as text: the verdict first, then the numbers behind it, then what to try, then
// everything else. Thread safety: a pure function.
#pragma once

#include <string>

#include "headrace/observe/record.h"

namespace headrace::report {

struct TerminalOptions {
  bool color = false;
  size_t width = 80;
};
std::string terminal_report(const observe::RunRecord& record, const TerminalOptions& options = {});

}  // namespace headrace::report

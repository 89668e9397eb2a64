// The report as one self-contained page: no script, no network, light and dark.
// Thread safety: a pure function. Invariant: every text of the record is escaped; the page forbids
// all loading.
#pragma once

#include <string>

#include "headrace/observe/record.h"

namespace headrace::report {

std::string html_report(const observe::RunRecord& record);

}  // namespace headrace::report

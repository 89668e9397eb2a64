// The frame of every HTML page: one file, no script, no network, light and dark.
// Thread safety: a pure function. Invariants: (1) every text but `body` is escaped; (2) the page
// forbids itself to load anything, whatever a hostile name might smuggle into it.
#pragma once

#include <string>
#include <vector>

#include "headrace/report/summary.h"

namespace headrace::report {

struct Page {
  std::string title = {};
  std::string subject = {};  // at the top, on the left: what was looked at
  std::string when = {};     // on the right
  std::string body = {};     // HTML, of escaped parts
  std::string version = {};
};
std::string html_page(const Page& page);

// Two columns, the names on the left.
std::string fact_rows(const std::vector<Fact>& facts);

}  // namespace headrace::report

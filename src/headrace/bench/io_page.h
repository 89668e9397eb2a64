// A sweep as one HTML page: the best setting first, then a heat map for each engine and kind of
// caching, block sizes down and depths across. Thread safety: a pure function. Invariant: every
// text of the report is escaped.
#pragma once

#include <string>

#include "headrace/bench/io_sweep.h"

namespace headrace::bench {

std::string io_page(const IoReport& report);

}  // namespace headrace::bench

// A mapped file that is cut short, or whose device fails, ends the process by SIGBUS: no system
// call returns an error. This says which file it was and exits like any run that cannot go on.
// A handler that is there already, of a Python program say, stays.
// Thread safety: one thread.
#pragma once

namespace headrace::cli {

void report_bus_faults();

}  // namespace headrace::cli

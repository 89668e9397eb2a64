// A mapped file that is cut short, or whose device fails, ends the process by SIGBUS: no system
// call returns an error. This says which file it was and exits like any run that cannot go on.
// Thread safety: call once, in main, before any other thread.
#pragma once

namespace headrace::cli {

void report_bus_faults();

}  // namespace headrace::cli

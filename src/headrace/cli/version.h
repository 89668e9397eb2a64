// What this build can do on this machine: features that are there, and how to get those that are
// not. Thread safety: pure readings of the machine.
#pragma once

#include <string>

namespace headrace::cli {

// "headrace 0.1.0", then a line a feature: "+ name  what is there" or "- name  how to get it".
std::string version_text();

}  // namespace headrace::cli

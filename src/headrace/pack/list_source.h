// A list file as a source: a line a sample, "path" or "path<TAB>label". Labels are numbers, or
// names that are then numbered in sorted order. Paths start at the list's folder. Thread safety: as
// Source.
#pragma once

#include <memory>
#include <string>

#include "headrace/pack/source.h"

namespace headrace::pack {

// The list is held in memory. Throws Error with the number of the line that is wrong.
std::unique_ptr<Source> open_list(Files& files, const std::string& path);

}  // namespace headrace::pack

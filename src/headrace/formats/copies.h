// A data set that pack wrote several times over: the folder itself is copy 0, and copy-1, copy-2
// ... in it are data sets of their own with the same samples in other orders. Thread safety: pure
// functions of the folder. Invariant: a copy is opened only as the folder's manifest knows it,
// since which sample lies where in it is arithmetic that nothing in the copy itself says.
#pragma once

#include <memory>
#include <string>

#include "headrace/formats/dataset.h"
#include "headrace/formats/manifest.h"

namespace headrace::formats {

std::string copy_path(const std::string& folder, uint64_t copy);
// 1 where there is no folder, no manifest, or none but the folder itself.
uint64_t copy_count(Files& files, const std::string& folder);
// Why this copy is not the one that the folder's manifest knows; "" = it is. Throws Error as
// read_manifest does.
std::string copy_fault(Files& files, const std::string& folder, uint64_t copy);
// All copies joined; copies() says how many. Throws Error, also where there is but one.
std::unique_ptr<Dataset> open_copies(const std::string& folder, const OpenOptions& options);

}  // namespace headrace::formats

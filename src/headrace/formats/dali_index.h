// DALI's text index of a WebDataset shard, version 1.2, as its wds2idx tool makes it.
// Thread safety: pure but for the file it writes.
#pragma once

#include <string>

#include "headrace/base/files.h"

namespace headrace::formats {

// "v1.2 <samples>", then a line a sample of "<field> <data offset> <size> <member name>" for each
// of its fields. Throws Error: shard damaged, or a name with white space or bytes over 127, which
// DALI cannot read.
std::string dali_index_of(Files& files, const std::string& shard_path);
// Beside the shard, its ".tar" replaced by ".idx".
void write_dali_index(Files& files, const std::string& shard_path);
std::string dali_index_path(const std::string& shard_path);

}  // namespace headrace::formats

// NumPy arrays as samples: of one .npy file each row along its first dimension, of a folder of them
// each file. Layout: docs/formats/npz.md. Thread safety: constants.
#pragma once

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

extern const ShardFormat k_npy_format;       // "npy", known by its bytes: rows
extern const ShardFormat k_npy_file_format;  // "npy-files", found in a folder: files

}  // namespace headrace::formats

// DALI's text indexes: of a WebDataset shard, version 1.2, as its wds2idx tool makes it, and of a
// TFRecord file, as tfrecord2idx does.
// Thread safety: pure but for the file it writes.
#pragma once

#include <string>

#include "headrace/base/files.h"
#include "headrace/formats/shard_format.h"

namespace headrace::formats {

// "v1.2 <samples>", then a line a sample of "<field> <data offset> <size> <member name>" for each
// of its fields. Throws Error: shard damaged, or a name with white space or bytes over 127, which
// DALI cannot read.
std::string dali_index_of(Files& files, const std::string& shard_path);
// "<offset> <size>", a line a record, both with what surrounds it. Throws Error: file damaged.
std::string dali_tfrecord_index_of(Files& files, const std::string& path);
// Beside the shard, its suffix replaced by ".idx". Throws Error: a format that DALI has no index
// of.
void write_dali_index(Files& files, const std::string& shard_path, const ShardFormat& format);
std::string dali_index_path(const std::string& shard_path);

}  // namespace headrace::formats

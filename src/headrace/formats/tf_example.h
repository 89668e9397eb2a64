// tf.train.Example and SequenceExample without protobuf: which features have one value, and where
// its bytes lie in the record. Thread safety: a pure function.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

// Adds a field for each feature that is one value: bytes and lists of floats (little-endian, as
// they lie there) by their place, an integer inline. Features of another shape make no field. Of a
// SequenceExample, its context counts, and feature lists of one step. The error says what is wrong.
std::expected<void, std::string> add_features(std::span<const std::byte> record,
                                              uint64_t record_offset_bytes, ScannedSample& sample);

}  // namespace headrace::formats

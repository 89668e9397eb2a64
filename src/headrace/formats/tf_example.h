// tf.train.Example and SequenceExample without protobuf: where the values of features lie in the
// record. Thread safety: a pure function.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "headrace/formats/shard_format.h"

namespace headrace::formats {

// Adds a field for each feature, by its place: bytes of one value as they are, one integer inline;
// lists by names that say how they lie (codec/elements.h): NAME.f32, NAME.varint, NAME.strings.
// Lists of numbers that no writer packed make no field. Of a SequenceExample, its context counts,
// and feature lists of one step. The error says what is wrong.
std::expected<void, std::string> add_features(std::span<const std::byte> record,
                                              uint64_t record_offset_bytes, ScannedSample& sample);

}  // namespace headrace::formats

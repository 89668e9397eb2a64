// Parquet's runs of small numbers: levels of definition, indexes of a dictionary, booleans.
// https://parquet.apache.org/docs/file-format/data-pages/encodings
// Thread safety: a pure function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace headrace::formats {

// Runs and packed groups of numbers of a few bits: `count` of them, or nothing when they are not
// there.
std::optional<std::vector<uint32_t>> decode_parquet_levels(std::span<const std::byte> bytes,
                                                           unsigned bit_width, uint64_t count);

}  // namespace headrace::formats

// Snappy's raw format, in which Parquet compresses pages unless told otherwise.
// https://github.com/google/snappy/blob/main/format_description.txt
// Thread safety: a pure function. Invariant: it writes what was announced, and never outside.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <vector>

namespace headrace::formats {

// The error says what is wrong. More than `limit_bytes` is refused before it is made room for.
std::expected<std::vector<std::byte>, const char*> snappy_decompressed(
    std::span<const std::byte> compressed, size_t limit_bytes);

}  // namespace headrace::formats

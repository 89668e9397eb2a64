// Snappy's raw format, in which Parquet compresses pages unless told otherwise.
// https://github.com/google/snappy/blob/main/format_description.txt
// Thread safety: pure functions. Invariant: it writes what was announced, and never outside.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <vector>

namespace headrace::codec {

// The error says what is wrong.
std::expected<size_t, const char*> snappy_announced_bytes(std::span<const std::byte> packed);
std::expected<void, const char*> snappy_decompress(std::span<const std::byte> packed,
                                                   std::span<std::byte> target);

// At most 64 KiB.
std::vector<std::byte> snappy_compressed(std::span<const std::byte> bytes);

}  // namespace headrace::codec

// The coded bytes of a scan: where its restart intervals are, and their bytes without stuffing (a
// coded 0xFF is followed by a 0). Thread safety: pure functions.
// 1. No byte outside the spans given is read or written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace headrace::jpeg {

// The place of the first 0xFF in [from, bytes.size()) that is followed by another byte than 0; none
// if there is no such pair.
std::optional<size_t> find_marker(std::span<const std::byte> bytes, size_t from);

// Copies `source`, which holds no marker, without its stuffing; returns the count of bytes written.
// `target` has room for source.size() + k_unstuff_slack_bytes.
inline constexpr size_t k_unstuff_slack_bytes = 64;
size_t unstuff(std::span<const std::byte> source, uint8_t* target);

}  // namespace headrace::jpeg

// LZ4 frames, decoded whole: straight into the target, where the library's own streaming decoder
// goes through a buffer of its own for each block that is not known to fit.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
// Thread safety: pure. Invariants: 1. nothing is written outside the target; 2. the target is full
// and the frame is used up, or it is an error; 3. each checksum that the frame has is compared.
#pragma once

#include <cstddef>
#include <expected>
#include <span>

namespace headrace::codec {

// The error says what is wrong.
std::expected<void, const char*> lz4_decompress(std::span<const std::byte> packed,
                                                std::span<std::byte> target) noexcept;

}  // namespace headrace::codec

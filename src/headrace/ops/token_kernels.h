// Stored tokens made wider, a vector at a time, one set a SIMD target, chosen at run time.
// Thread safety: pure functions; exactly `count` values of `out` are written.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::ops {

// `tokens` at any alignment, little-endian.
void widen_u16(const std::byte* tokens, size_t count, int64_t* out);
void widen_u16(const std::byte* tokens, size_t count, int32_t* out);
void widen_i32(const std::byte* tokens, size_t count, int64_t* out);

}  // namespace headrace::ops

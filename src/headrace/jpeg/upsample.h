// Color samples to one a pixel, as libjpeg-turbo's fancy upsampling does it: three parts of the
// nearer sample, one of the farther. Thread safety: pure functions.
// 1. A row's neighbours at [-1] and [sample_count] are read: at a picture's edge they repeat the
//    edge.
// 2. Up to 32 bytes behind those are read, and 64 behind the 2 * sample_count results written.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::jpeg {

inline constexpr size_t k_upsample_slack_bytes = 64;

// Twice as wide.
void upsample_wide(const uint8_t* row, size_t sample_count, uint8_t* target);

// Twice as wide and one of two rows: `near` is the row that the pixels lie in, `far` the one above
// it for the upper pixels and below it for the lower.
void upsample_both(const uint8_t* near, const uint8_t* far, size_t sample_count, uint8_t* target);

}  // namespace headrace::jpeg

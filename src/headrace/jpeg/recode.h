// The lossless rewrite of a JPEG for packing: the same DCT coefficients with optimized Huffman
// tables and restart intervals, so that a decoder can begin in the middle of a row. Thread safety:
// a pure function.
// 1. What comes out has been read back: every coefficient and quantization step equals the
// source's.
// 2. Kept: JFIF, EXIF (with the orientation) and the ICC profile. Dropped: XMP, comments, other
//    application segments, and whatever follows the end marker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <vector>

#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

enum class SkipKind { progressive, arithmetic, precision, color, broken };
const char* name_of(SkipKind kind);

// Why a picture is better left as it is; pack counts them by kind.
struct Skip {
  SkipKind kind = SkipKind::broken;
  Failure failure;
};

struct RecodeOptions {
  uint32_t restart_interval_mcus = 0;  // 0 = choose by restart_interval_for
  bool keep_color_profile = true;
};

// Takes baseline and extended 8-bit Huffman pictures, grey or YCbCr, of any sampling.
std::expected<std::vector<std::byte>, Skip> recode(std::span<const std::byte> bytes,
                                                   const RecodeOptions& options = {});

// The smallest divisor of the MCUs in a row from 4 to 12, else the whole row.
uint32_t restart_interval_for(uint32_t mcus_in_row);

}  // namespace headrace::jpeg

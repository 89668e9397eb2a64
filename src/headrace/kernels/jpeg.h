// Baseline JPEGs decoded on a device, each restart interval by a thread of its own: entropy codes
// to coefficients, those to samples, those to pixels; a launch each, for a whole batch. Thread
// safety: values and pure functions. Invariants: 1. pixels are those of jpeg/baseline_decoder bit
// for bit. 2. Nothing is read or written outside what the plan laid out, whatever the bytes say.
// 3. A damaged interval is told of in its picture's verdict and harms no other picture.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::kernels {

inline constexpr uint32_t k_jpeg_components = 3;
inline constexpr uint32_t k_short_code_bits = 8;

// A Huffman code: its short codes by their next bits, all of them in the order of their lengths.
struct EntropyTable {
  uint16_t short_codes[1u << k_short_code_bits] = {};  // bits 0-7 length (0: longer), 8-15 symbol
  uint32_t limits[17] = {};  // codes of at most this length, left-aligned in 16 bits, are below
  int32_t offsets[17] = {};  // a code of this length plus this is its place in `symbols`
  uint8_t symbols[256] = {};
};

struct JpegPart {
  uint32_t horizontal = 1, vertical = 1;        // sampling factors
  uint32_t blocks_wide = 0, blocks_high = 0;    // coded, whole MCUs
  uint32_t samples_wide = 0, samples_high = 0;  // of the picture
  uint32_t dc_table = 0, ac_table = 0;          // places in the batch's list
  uint64_t first_block = 0;                     // in the batch's coefficients and samples
  int16_t steps[64] = {};                       // zigzag order
};

struct JpegPicture {
  uint32_t width = 0, height = 0;
  uint32_t component_count = 0;
  uint32_t mcus_in_row = 0;
  uint32_t block_count = 0;
  JpegPart parts[k_jpeg_components];
  uint8_t* pixels = nullptr;  // red, green, blue, red, ...; rows without gaps
};

// Coded bytes from one marker to the next.
struct JpegInterval {
  uint64_t offset_bytes = 0;  // in the batch's coded bytes
  uint32_t size_bytes = 0;
  uint32_t picture_index = 0;
  uint32_t first_mcu = 0, mcu_count = 0;
};

// What the kernels are given. Pointers are of who runs them: device or host.
struct JpegBatch {
  const uint8_t* coded = nullptr;
  const JpegPicture* pictures = nullptr;
  const JpegInterval* intervals = nullptr;
  const EntropyTable* tables = nullptr;
  int16_t* coefficients = nullptr;  // 64 a block, zigzag order
  uint8_t* samples = nullptr;       // as many; planes of whole blocks
  uint32_t* verdicts = nullptr;     // a picture; 0 before: all well
  uint32_t picture_count = 0, interval_count = 0;
};

inline constexpr uint32_t k_interval_threads = 64;  // few, so that all processors have some
inline constexpr uint32_t k_jpeg_threads = 128;
inline constexpr const char* k_jpeg_entropy_kernel = "hr_jpeg_entropy";
inline constexpr const char* k_jpeg_samples_kernel = "hr_jpeg_samples";
inline constexpr const char* k_jpeg_pixels_kernel = "hr_jpeg_pixels";

struct JpegLaunch {
  uint32_t most_blocks = 0;  // of a picture
  uint64_t most_pixels = 0;
};
// The host twins, all three in turn: the kernels' own bodies.
void run_jpegs(const JpegBatch& batch);

}  // namespace headrace::kernels

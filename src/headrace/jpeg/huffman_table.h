// Huffman codes in the form that the entropy decoder looks up: ten bits at a time, two symbols
// where they fit. Thread safety: values; a built table is only read.
// 1. A look-up entry of 0 means a code longer than the index (or none): ask CanonicalCode.
// 2. An entry consumes at most 25 bits, a code and its extra bits at most 31.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

// Nine index bits build faster and decode slower, eleven the other way round (docs/decisions.md).
inline constexpr uint32_t k_pair_index_bits = 10;
inline constexpr uint32_t k_dc_index_bits = 9;
// How far the end of a block moves the position: past every run, still inside 256 places.
inline constexpr uint32_t k_end_skip = 128;
inline constexpr uint32_t k_zero_run_symbol = 0xf0;  // sixteen zeros, no coefficient

struct Symbol {
  uint32_t value = 0;
  uint32_t length_bits = 0;  // 0 = no such code
};

// The code itself, in the order of its lengths.
struct CanonicalCode {
  uint32_t limits[17] = {};  // codes of at most this length, left-aligned in 16 bits, are below
  int32_t offsets[17] = {};  // a code of this length plus this is its place in `symbols`
  uint8_t symbols[256] = {};

  // Of lengths from `least_bits`; `top_bits` are the next 16 bits of the stream.
  Symbol find(uint32_t top_bits, uint32_t least_bits) const;
};

// Differences of the first coefficient: bits 0-7 length of the code, 8-15 extra bits.
struct DcTable {
  CanonicalCode code;
  uint16_t entries[1u << k_dc_index_bits] = {};
};

// The other coefficients: one or two (run, value) symbols an entry. With one symbol both skips are
// the same and the value comes from the extra bits in the stream. The fields stand where the
// decoder takes them out with the fewest instructions.
//  bits 0-7    all bits consumed
//  bits 8-15   places from the last coefficient to the first of these
//  bits 16-23  64 minus the number of the last symbol's extra bits, as a shift count
//  bits 24-31  bits before those
//  bits 40-55  value of the first coefficient
//  bits 56-63  places from the last coefficient to the second, k_end_skip more for the block's end
struct AcTable {
  CanonicalCode code;
  uint64_t entries[1u << k_pair_index_bits] = {};
};

// `segment` is 16 counts of codes by length and then the symbols, as in the file.
std::expected<void, Failure> build_code(std::span<const std::byte> segment, CanonicalCode& code);
std::expected<void, Failure> build_table(std::span<const std::byte> segment, DcTable& table);
std::expected<void, Failure> build_table(std::span<const std::byte> segment, AcTable& table);

// The value that `size_bits` extra bits stand for (ITU T.81, figure F.12).
constexpr int32_t extend(uint32_t bits, uint32_t size_bits) {
  const int32_t value = static_cast<int32_t>(bits);
  if (size_bits == 0) return 0;
  return value < (1 << (size_bits - 1)) ? value - (1 << size_bits) + 1 : value;
}

}  // namespace headrace::jpeg

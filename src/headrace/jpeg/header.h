// What a JPEG says of itself before its first coded byte: size, components, tables, restart
// interval, orientation. Thread safety: values and pure functions. Nothing allocates; every length
// is checked before use.
// 1. Whatever libjpeg-turbo takes is parsed, also what Headrace then hands on or refuses (12 bits,
// lossless).
// 2. Every offset in a Header lies inside the bytes it was parsed from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>

#include "headrace/jpeg/image.h"

namespace headrace::jpeg {

inline constexpr uint32_t k_max_components = 4;
inline constexpr uint32_t k_max_tables = 4;
inline constexpr uint32_t k_max_side = 65500;  // libjpeg's own limit

// By the start-of-frame marker: sequential is SOF0 and SOF1, progressive SOF2 (all Huffman coded).
enum class Process { baseline, extended, progressive, arithmetic, other };

// What the components mean, decided as libjpeg-turbo does (JFIF, then Adobe, then the component
// ids).
enum class Color { grey, ycbcr, rgb, cmyk, ycck };

struct Component {
  uint8_t id = 0;
  uint8_t horizontal = 0, vertical = 0;  // sampling factors, 1 to 4
  uint8_t quant_index = 0;               // below k_max_tables
  uint8_t dc_index = 0, ac_index = 0;    // below k_max_tables; of the first scan
};

// Coefficient steps in zigzag order.
struct QuantTable {
  bool present = false;
  uint16_t steps[64] = {};
};

// Where a Huffman table stands: 16 counts of codes by length, then the symbols.
struct HuffmanTable {
  bool present = false;
  uint64_t offset_bytes = 0;
  uint32_t symbol_count = 0;  // at most 256; 16 + symbol_count bytes are there
};

// The first scan. A baseline picture has one, with the span 0..63 and no bit shifts.
struct Scan {
  uint64_t offset_bytes = 0;  // the first coded byte
  uint32_t component_count = 0;
  uint8_t component_indexes[k_max_components] = {};
  uint8_t spectral_start = 0, spectral_end = 0, shift_high = 0, shift_low = 0;
};

struct Header {
  uint32_t width = 0, height = 0;
  Process process = Process::other;
  Color color = Color::ycbcr;
  uint8_t precision_bits = 0;
  uint32_t component_count = 0;
  Component components[k_max_components];
  QuantTable quant_tables[k_max_tables];
  HuffmanTable dc_tables[k_max_tables];
  HuffmanTable ac_tables[k_max_tables];
  uint32_t restart_interval_mcus = 0;  // 0 = none
  bool junk_seen = false;              // bytes between the segments, of which libjpeg-turbo warns
  bool jfif_seen = false;
  bool adobe_seen = false;
  uint8_t adobe_transform = 0;
  uint8_t exif_orientation = 1;  // 1 to 8
  Scan scan;

  uint32_t max_horizontal() const;
  uint32_t max_vertical() const;
  // Of a scan that interleaves all components (or of the one component of a grey picture).
  uint32_t mcu_width() const;
  uint32_t mcu_height() const;
  uint32_t mcus_in_row() const;
  uint32_t mcu_rows() const;
};

std::expected<Header, Failure> parse_header(std::span<const std::byte> bytes);

// Baseline (or 8-bit extended), grey or YCbCr at 4:4:4, 4:2:2 or 4:2:0, in one interleaved scan
// whose tables are all there, and no junk between the segments: what Headrace's own decoder takes
// and what pack writes.
bool is_own_kind(const Header& header);

// False when no end-of-image marker follows the first coded byte (Scan::offset_bytes): the file was
// cut off. Looks from the end, so a whole file costs two bytes.
bool has_end_marker(std::span<const std::byte> bytes, uint64_t scan_offset_bytes);

// The EXIF orientation (1 to 8) of an APP1 payload that starts with "Exif\0\0"; 1 when there is
// none.
uint8_t parse_exif_orientation(std::span<const std::byte> payload);

}  // namespace headrace::jpeg

// Walks the marker segments up to the first scan. Each segment is cut to its own length first, so a
// reader of one segment cannot run into the next; the failures name the place where the walk
// stopped.
#include "headrace/jpeg/header.h"

#include <algorithm>
#include <cstring>

#include "headrace/jpeg/markers.h"

namespace headrace::jpeg {
namespace {

using Bytes = std::span<const std::byte>;

bool starts_with(Bytes bytes, const void* prefix, size_t prefix_bytes) {
  return bytes.size() >= prefix_bytes && std::memcmp(bytes.data(), prefix, prefix_bytes) == 0;
}

// Parses one file; each read_* takes a segment's payload and its offset, and gives "" or what is
// wrong.
class Parser {
 public:
  explicit Parser(Bytes bytes) : bytes_(bytes) {}
  std::expected<Header, Failure> run();

 private:
  const char* read_segment(uint8_t code, Bytes payload, uint64_t offset_bytes);
  const char* read_frame(uint8_t code, Bytes payload);
  const char* read_quant_tables(Bytes payload);
  const char* read_huffman_tables(Bytes payload, uint64_t offset_bytes);
  const char* read_restart_interval(Bytes payload);
  const char* read_scan(Bytes payload, uint64_t end_bytes);
  void read_application(uint8_t code, Bytes payload);

  Bytes bytes_;
  Header header_;
  bool frame_seen_ = false;
  bool scan_seen_ = false;
  bool exif_seen_ = false;
};

bool has_no_payload(uint8_t code) {
  return code == marker::k_tem || (code >= marker::k_rst0 && code <= marker::k_rst7);
}

bool is_frame(uint8_t code) {
  return code >= marker::k_sof0 && code <= marker::k_sof15 && code != marker::k_dht &&
         code != marker::k_jpg && code != marker::k_dac;
}

// Segments that libjpeg-turbo reads over or takes notes of; it refuses other kinds.
bool is_passed_over(uint8_t code) {
  return (code >= marker::k_app0 && code <= marker::k_app15) || code == marker::k_comment ||
         code == marker::k_dnl || code == marker::k_dac;
}

Color color_of(const Header& header) {
  const auto id = [&](uint32_t index) { return header.components[index].id; };
  if (header.component_count == 1) return Color::grey;
  if (header.component_count == 4) {
    return header.adobe_seen && header.adobe_transform != 0 ? Color::ycck : Color::cmyk;
  }
  if (header.jfif_seen) return Color::ycbcr;
  if (header.adobe_seen) return header.adobe_transform == 0 ? Color::rgb : Color::ycbcr;
  return id(0) == 'R' && id(1) == 'G' && id(2) == 'B' ? Color::rgb : Color::ycbcr;
}

std::expected<Header, Failure> Parser::run() {
  Cursor cursor(bytes_);
  if (cursor.u16() != (0xff00 | marker::k_soi)) {
    return std::unexpected(Failure{"not a JPEG: it does not start with ff d8", 0});
  }
  while (!scan_seen_) {
    const uint8_t code = cursor.next_marker();
    if (!cursor.ok()) {
      return std::unexpected(Failure{"JPEG ends before its first scan", bytes_.size()});
    }
    if (has_no_payload(code)) continue;
    const uint64_t at_bytes = cursor.at_bytes();
    if (code == marker::k_soi) return std::unexpected(Failure{"second start of image", at_bytes});
    if (code == marker::k_eoi) return std::unexpected(Failure{"JPEG without a scan", at_bytes});
    const uint32_t length_bytes = cursor.u16();
    if (!cursor.ok() || length_bytes < 2 || length_bytes - 2 > cursor.left()) {
      return std::unexpected(Failure{"JPEG segment is longer than the file", at_bytes});
    }
    const Bytes payload = bytes_.subspan(at_bytes + 2, length_bytes - 2);
    const char* wrong = read_segment(code, payload, at_bytes + 2);
    if (wrong[0] != '\0') return std::unexpected(Failure{wrong, at_bytes + 2});
    cursor.skip(length_bytes - 2);
  }
  header_.junk_seen = cursor.junk_seen();
  header_.color = color_of(header_);
  return header_;
}

const char* Parser::read_segment(uint8_t code, Bytes payload, uint64_t offset_bytes) {
  if (is_frame(code)) return read_frame(code, payload);
  switch (code) {
    case marker::k_dqt:
      return read_quant_tables(payload);
    case marker::k_dht:
      return read_huffman_tables(payload, offset_bytes);
    case marker::k_dri:
      return read_restart_interval(payload);
    case marker::k_sos:
      return read_scan(payload, offset_bytes + payload.size());
    default:
      if (!is_passed_over(code)) return "JPEG has a marker of no known kind";
      read_application(code, payload);
      return "";
  }
}

Process process_of(uint8_t code) {
  switch (code) {
    case marker::k_sof0:
      return Process::baseline;
    case marker::k_sof1:
      return Process::extended;
    case marker::k_sof2:
      return Process::progressive;
    case marker::k_sof9:
    case marker::k_sof10:
      return Process::arithmetic;
    default:
      return Process::other;
  }
}

const char* Parser::read_frame(uint8_t code, Bytes payload) {
  if (frame_seen_) return "JPEG with two frames";
  frame_seen_ = true;
  Cursor cursor(payload);
  header_.process = process_of(code);
  header_.precision_bits = cursor.u8();
  header_.height = cursor.u16();
  header_.width = cursor.u16();
  header_.component_count = cursor.u8();
  if (!cursor.ok()) return "JPEG frame header is cut short";
  if (header_.width == 0 || header_.height == 0) return "JPEG of no width or height";
  if (header_.width > k_max_side || header_.height > k_max_side) return "JPEG side above 65500";
  const uint32_t count = header_.component_count;
  if (count != 1 && count != 3 && count != 4) return "JPEG has neither 1, 3 nor 4 components";
  if (payload.size() != 6 + 3 * count) return "JPEG frame header has a wrong length";
  for (uint32_t index = 0; index < count; ++index) {
    Component& component = header_.components[index];
    component.id = cursor.u8();
    const uint8_t sampling = cursor.u8();
    component.horizontal = sampling >> 4;
    component.vertical = sampling & 15;
    component.quant_index = cursor.u8();
    const auto allowed = [](uint8_t factor) { return factor >= 1 && factor <= 4; };
    if (!allowed(component.horizontal) || !allowed(component.vertical)) {
      return "JPEG sampling factor is not 1 to 4";
    }
    if (component.quant_index >= k_max_tables) return "JPEG quantization table index above 3";
  }
  return "";
}

const char* Parser::read_quant_tables(Bytes payload) {
  Cursor cursor(payload);
  while (cursor.left() > 0) {
    const uint8_t kind = cursor.u8();
    if ((kind & 15) >= k_max_tables) return "JPEG quantization table index above 3";
    QuantTable& table = header_.quant_tables[kind & 15];
    for (uint16_t& step : table.steps) step = (kind >> 4) != 0 ? cursor.u16() : cursor.u8();
    if (!cursor.ok()) return "JPEG quantization table is cut short";
    table.present = true;
  }
  return "";
}

const char* Parser::read_huffman_tables(Bytes payload, uint64_t offset_bytes) {
  Cursor cursor(payload);
  while (cursor.left() > 0) {
    const uint8_t kind = cursor.u8();
    if ((kind & ~0x13) != 0) return "JPEG Huffman table index is wrong";
    HuffmanTable table{.present = true, .offset_bytes = offset_bytes + cursor.at_bytes()};
    for (int length = 1; length <= 16; ++length) table.symbol_count += cursor.u8();
    if (table.symbol_count > 256) return "JPEG Huffman table has more than 256 symbols";
    cursor.skip(table.symbol_count);
    if (!cursor.ok()) return "JPEG Huffman table is cut short";
    ((kind & 0x10) != 0 ? header_.ac_tables : header_.dc_tables)[kind & 3] = table;
  }
  return "";
}

const char* Parser::read_restart_interval(Bytes payload) {
  if (payload.size() != 2) return "JPEG restart interval has a wrong length";
  header_.restart_interval_mcus = Cursor(payload).u16();
  return "";
}

const char* Parser::read_scan(Bytes payload, uint64_t end_bytes) {
  if (!frame_seen_) return "JPEG scan before its frame";
  Cursor cursor(payload);
  Scan& scan = header_.scan;
  scan.component_count = cursor.u8();
  if (scan.component_count < 1 || scan.component_count > header_.component_count) {
    return "JPEG scan has a wrong number of components";
  }
  if (payload.size() != 4 + 2 * scan.component_count) return "JPEG scan header has a wrong length";
  bool used[k_max_components] = {};
  for (uint32_t nth = 0; nth < scan.component_count; ++nth) {
    const uint8_t id = cursor.u8();
    uint32_t index = 0;
    while (index < header_.component_count && (used[index] || header_.components[index].id != id)) {
      ++index;
    }
    if (index == header_.component_count) return "JPEG scan names an unknown component";
    used[index] = true;
    const uint8_t tables = cursor.u8();
    if ((tables & ~0x33) != 0) return "JPEG scan names a Huffman table above 3";
    scan.component_indexes[nth] = static_cast<uint8_t>(index);
    header_.components[index].dc_index = tables >> 4;
    header_.components[index].ac_index = tables & 15;
  }
  scan.spectral_start = cursor.u8();
  scan.spectral_end = cursor.u8();
  const uint8_t shifts = cursor.u8();
  scan.shift_high = shifts >> 4;
  scan.shift_low = shifts & 15;
  scan.offset_bytes = end_bytes;
  scan_seen_ = true;
  return "";
}

void Parser::read_application(uint8_t code, Bytes payload) {
  if (code == marker::k_app0 && payload.size() >= 14 && starts_with(payload, "JFIF", 5)) {
    header_.jfif_seen = true;
  } else if (code == marker::k_app14 && payload.size() >= 12 && starts_with(payload, "Adobe", 5)) {
    header_.adobe_seen = true;
    header_.adobe_transform = static_cast<uint8_t>(payload[11]);
  } else if (code == marker::k_app1 && !exif_seen_ && starts_with(payload, "Exif\0", 6)) {
    exif_seen_ = true;
    header_.exif_orientation = parse_exif_orientation(payload);
  }
}

uint32_t divide_up(uint32_t value, uint32_t by) { return (value + by - 1) / by; }

}  // namespace

std::expected<Header, Failure> parse_header(Bytes bytes) { return Parser(bytes).run(); }

uint32_t Header::max_horizontal() const {
  uint32_t most = 1;
  for (uint32_t i = 0; i < component_count; ++i) {
    most = std::max<uint32_t>(most, components[i].horizontal);
  }
  return most;
}

uint32_t Header::max_vertical() const {
  uint32_t most = 1;
  for (uint32_t i = 0; i < component_count; ++i) {
    most = std::max<uint32_t>(most, components[i].vertical);
  }
  return most;
}

uint32_t Header::mcu_width() const { return component_count == 1 ? 8 : 8 * max_horizontal(); }
uint32_t Header::mcu_height() const { return component_count == 1 ? 8 : 8 * max_vertical(); }
uint32_t Header::mcus_in_row() const { return divide_up(width, mcu_width()); }
uint32_t Header::mcu_rows() const { return divide_up(height, mcu_height()); }

bool is_own_kind(const Header& header) {
  const bool sequential =
      header.process == Process::baseline || header.process == Process::extended;
  const Scan& scan = header.scan;
  if (!sequential || header.precision_bits != 8 || header.junk_seen) return false;
  if (header.color != Color::grey && header.color != Color::ycbcr) return false;
  if (scan.component_count != header.component_count) return false;
  if (scan.spectral_start != 0 || scan.spectral_end != 63) return false;
  if (scan.shift_high != 0 || scan.shift_low != 0) return false;
  for (uint32_t index = 0; index < header.component_count; ++index) {
    const Component& component = header.components[index];
    if (scan.component_indexes[index] != index) return false;
    if (!header.quant_tables[component.quant_index].present) return false;
    if (!header.dc_tables[component.dc_index].present) return false;
    if (!header.ac_tables[component.ac_index].present) return false;
    if (index > 0 && (component.horizontal != 1 || component.vertical != 1)) return false;
  }
  const uint32_t horizontal = header.components[0].horizontal;
  const uint32_t vertical = header.components[0].vertical;
  if (header.color == Color::grey) return horizontal == 1 && vertical == 1;
  return (horizontal == 1 && vertical == 1) || (horizontal == 2 && vertical <= 2);
}

bool has_end_marker(Bytes bytes, uint64_t scan_offset_bytes) {
  if (scan_offset_bytes > bytes.size() || bytes.size() - scan_offset_bytes < 2) return false;
  const Bytes coded = bytes.subspan(scan_offset_bytes);
  size_t left = coded.size() - 1;  // an end marker's first byte lies before this
  while (left > 0) {
    const void* found = memrchr(coded.data(), 0xff, left);
    if (found == nullptr) return false;
    left = static_cast<size_t>(static_cast<const std::byte*>(found) - coded.data());
    if (static_cast<uint8_t>(coded[left + 1]) == marker::k_eoi) return true;
  }
  return false;
}

}  // namespace headrace::jpeg

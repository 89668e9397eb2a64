// Cleaning, escaping, measuring and wrapping of text.
#include "headrace/report/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "headrace/base/sizes.h"
#include "headrace/observe/advice.h"

namespace headrace::report {

namespace {

constexpr std::string_view k_replacement = "\xef\xbf\xbd";  // U+FFFD

// Length of the valid UTF-8 sequence at the start, or 0.
size_t sequence_size(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(0);
  size_t size = 0;
  uint32_t point = 0;
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first < 0xe0) size = 2, point = first & 0x1f;
  if (first >= 0xe0 && first < 0xf0) size = 3, point = first & 0x0f;
  if (first >= 0xf0 && first < 0xf5) size = 4, point = first & 0x07;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (size == 3 && point < 0x800) || (size == 4 && point < 0x10000);
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  return overlong || surrogate || point > 0x10ffff ? 0 : size;
}

bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7f;
  // C1 controls, and the marks that turn the direction of the text around (U+202A..E, U+2066..9).
  const auto second = static_cast<unsigned char>(sequence[1]);
  if (sequence.size() == 2) return first == 0xc2 && second < 0xa0;
  const auto third = static_cast<unsigned char>(sequence[2]);
  return first == 0xe2 && ((second == 0x80 && third >= 0xaa && third <= 0xae) ||
                           (second == 0x81 && third >= 0xa6 && third <= 0xa9));
}

// Length of the color escape "\x1b[...m" at the start, or 0.
size_t color_size(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const size_t end = text.find_first_not_of("0123456789;", 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

}  // namespace

std::string plain(std::string_view text, bool keep_lines) {
  std::string result;
  while (!text.empty()) {
    const size_t size = sequence_size(text);
    const std::string_view sequence = text.substr(0, std::max<size_t>(1, size));
    const bool kept = keep_lines && (sequence == "\n" || sequence == "\t");
    const bool bad = size == 0 || (is_control(sequence) && !kept);
    result += bad ? k_replacement : sequence;
    text.remove_prefix(sequence.size());
  }
  return result;
}

std::string html_escaped(std::string_view text, bool keep_lines) {
  std::string result;
  for (const char letter : plain(text, keep_lines)) {
    switch (letter) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += letter;
    }
  }
  return result;
}

std::string number_text(double value) {
  if (!(value > 0)) return "0";
  if (value < 10) return fmt::format("{:.2g}", value);
  return format_count(static_cast<uint64_t>(std::llround(std::min(value, 1e15))));
}

std::string fill_text(double share) { return share < 0 ? "–" : observe::percent_text(share); }

std::string bar(double share, size_t width) {
  static constexpr std::string_view k_parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const double clamped = share > 0 ? std::min(share, 1.0) : 0;
  const auto eighths = static_cast<size_t>(std::lround(clamped * static_cast<double>(width) * 8));
  std::string text;
  for (size_t i = 0; i < eighths / 8; ++i) text += "█";
  text += k_parts[eighths % 8];
  for (size_t i = (eighths + 7) / 8; i < width; ++i) text += "░";
  return text;
}

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    if (const size_t color = color_size(text)) {
      text.remove_prefix(color);
      continue;
    }
    text.remove_prefix(std::max<size_t>(1, sequence_size(text)));
    ++columns;
  }
  return columns;
}

std::string first_columns(std::string_view text, size_t limit) {
  std::string result;
  bool colored = false;
  for (size_t columns = 0; !text.empty();) {
    size_t size = color_size(text);
    if (size > 0) {
      colored = text.substr(0, size) != "\x1b[0m";
    } else {
      if (columns++ == limit) break;
      size = std::max<size_t>(1, sequence_size(text));
    }
    result += text.substr(0, size);
    text.remove_prefix(size);
  }
  return colored ? result + "\x1b[0m" : result;
}

std::string wrapped(std::string_view text, size_t width, size_t indent) {
  std::string result;
  size_t used = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t columns = columns_of(word);
    if (used > 0 && used + 1 + columns > width) {
      result += "\n" + std::string(indent, ' ');
      used = 0;
    } else if (used > 0) {
      result += ' ';
      ++used;
    }
    result += word;
    used += columns;
  }
  return result;
}

}  // namespace headrace::report

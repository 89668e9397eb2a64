// The inverse of GPT-2's bytes_to_unicode.
#include "headrace/text/byte_alphabet.h"

#include <array>

#include "headrace/text/unicode.h"

namespace headrace::text {
namespace {

constexpr uint32_t k_code_point_end = 256 + 68;  // 68 bytes are not printable
constexpr int16_t k_no_byte = -1;

constexpr auto k_byte_of = [] {
  std::array<int16_t, k_code_point_end> bytes{};
  bytes.fill(k_no_byte);
  uint32_t next = 256;
  for (uint32_t byte = 0; byte < 256; ++byte) {
    const bool is_printable = (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
    bytes[is_printable ? byte : next++] = static_cast<int16_t>(byte);
  }
  return bytes;
}();

}  // namespace

std::optional<std::string> bytes_of_alphabet(std::string_view text) {
  std::string bytes;
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = code_point_at(&text[at]);
    if (point.value >= k_code_point_end || k_byte_of[point.value] == k_no_byte) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(k_byte_of[point.value]));
    at += point.size_bytes;
  }
  return bytes;
}

}  // namespace headrace::text

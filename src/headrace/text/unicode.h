// UTF-8 and the classes of code points: what the splitters of tokenizers ask of a character.
// Thread safety: constant tables. Invariants: 1. everything but repair_utf8 and
// character_size takes valid UTF-8 and reads no byte behind the character; 2. classes are those of
// Unicode 16 (tools/unicode_tables.py).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace headrace::text {

// space: White_Space but the two newlines \r and \n. upper: also title case. letter: without case.
enum class Class : uint8_t {
  other,
  space,
  newline,
  number,
  lower,
  upper,
  letter,
  mark,
  punctuation,
  symbol
};

// A set of classes, tested in one instruction.
class ClassSet {
 public:
  template <typename... Classes>
  constexpr explicit ClassSet(Classes... classes)
      : bits_(((uint32_t{1} << static_cast<uint32_t>(classes)) | ...)) {}
  constexpr bool has(Class one) const { return bits_ >> static_cast<uint32_t>(one) & 1; }

 private:
  uint32_t bits_;
};

inline constexpr ClassSet k_letters(Class::lower, Class::upper, Class::letter);
inline constexpr ClassSet k_spaces(Class::space, Class::newline);

struct CodePoint {
  uint32_t value = 0;
  uint32_t size_bytes = 1;
};

inline CodePoint code_point_at(const char* at) {
  const auto byte = [at](int index) {
    return static_cast<uint32_t>(static_cast<uint8_t>(at[index]));
  };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) < 0xE0) return {(byte(0) & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  if (byte(0) < 0xF0) {
    return {(byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  return {
      (byte(0) & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F),
      4};
}

// Of the first character of a text that is not empty; where it is no UTF-8, still within the text.
inline size_t character_size(std::string_view text) {
  constexpr uint8_t k_sizes[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 4};
  return std::min<size_t>(k_sizes[static_cast<uint8_t>(text[0]) >> 4], text.size());
}

struct Character {
  Class kind = Class::other;
  uint32_t size_bytes = 1;
};

// The table's entry: the class below, what NFC must know above.
inline constexpr uint8_t k_class_bits = 15, k_not_composed_bit = 16, k_combining_bit = 32;
uint8_t entry_of(uint32_t code_point);
extern const std::array<uint8_t, 128> k_ascii_entries;

inline Character character_at(const char* at) {
  const auto lead = static_cast<uint8_t>(*at);
  if (lead < 0x80) return {static_cast<Class>(k_ascii_entries[lead]), 1};
  const CodePoint point = code_point_at(at);
  return {static_cast<Class>(entry_of(point.value) & k_class_bits), point.size_bytes};
}

void append_utf8(uint32_t code_point, std::string& target);

// `bytes` if they are UTF-8; else, in `scratch`, with U+FFFD for each longest beginning of a
// character that goes no further, as Python's errors="replace" and web browsers do.
std::string_view repair_utf8(std::string_view bytes, std::string& scratch);

// For normalize.cc. 0 where there is none.
uint8_t combining_class_of(uint32_t code_point);
struct Pair {
  uint32_t first = 0;
  uint32_t second = 0;  // 0: the first alone
};
Pair decomposition_of(uint32_t code_point);
uint32_t composition_of(Pair pair);

}  // namespace headrace::text

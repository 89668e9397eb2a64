// The table is a darts-clone trie: https://github.com/s-yata/darts-clone. A unit has a label in its
// lowest byte and bit 31, bit 8 says that a value hangs on it, the rest is where children are.
#include "headrace/text/piece_normalizer.h"

#include <algorithm>

#include "headrace/text/unicode.h"

namespace headrace::text {
namespace {

constexpr uint32_t k_label_mask = (uint32_t{1} << 31) | 0xff;
bool has_leaf(uint32_t unit) { return (unit >> 8 & 1) != 0; }
uint32_t value_of(uint32_t unit) { return unit & ((uint32_t{1} << 31) - 1); }
uint32_t offset_of(uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); }

// Calls visit(size, value) for each rule that the text begins with.
template <typename Visit>
void each_rule(const std::vector<uint32_t>& units, std::string_view text, Visit visit) {
  if (units.empty()) return;
  uint32_t node = offset_of(units[0]);
  for (size_t i = 0; i < text.size(); ++i) {
    node ^= static_cast<uint8_t>(text[i]);
    if (node >= units.size()) return;
    const uint32_t unit = units[node];
    if ((unit & k_label_mask) != static_cast<uint8_t>(text[i])) return;
    node ^= offset_of(unit);
    if (!has_leaf(unit)) continue;
    if (node >= units.size()) return;
    visit(i + 1, value_of(units[node]));
  }
}

}  // namespace

PieceNormalizer::PieceNormalizer(NormalizerParts parts, PieceTrie symbols)
    : parts_(std::move(parts)), symbols_(std::move(symbols)) {
  for (unsigned byte = 1; byte < 128; ++byte) {
    if (byte != ' ') is_plain_[byte] = stays({reinterpret_cast<const char*>(&byte), 1});
  }
}

// Neither a rule nor a symbol begins with this byte, nor with it and another of ASCII.
bool PieceNormalizer::stays(std::string_view byte) const {
  if (!symbols_.empty() && symbols_.step(PieceTrie::root(), byte[0]) != PieceTrie::k_none) {
    return false;
  }
  bool has_rule = false;
  std::string two(byte);
  two += '\0';
  for (unsigned second = 0; second < 128; ++second) {
    two[1] = static_cast<char>(second);
    each_rule(parts_.units, two, [&](size_t, uint32_t) { has_rule = true; });
    if (has_rule) return false;
    // A rule of three bytes or more that goes on in ASCII.
    const auto& units = parts_.units;
    if (units.empty()) continue;
    uint32_t node = offset_of(units[0]) ^ static_cast<uint8_t>(two[0]);
    if (node >= units.size() || (units[node] & k_label_mask) != static_cast<uint8_t>(two[0])) break;
    node ^= offset_of(units[node]) ^ second;
    if (node < units.size() && second != 0 && (units[node] & k_label_mask) == second) return false;
  }
  return true;
}

void PieceNormalizer::run(std::string_view text, std::string& normalized) const {
  normalized.clear();
  if (parts_.removes_extra_spaces) {
    while (!text.empty()) {
      const Step first = step(text);
      if (first.text != " ") break;
      text.remove_prefix(first.size);
    }
  }
  if (text.empty()) return;
  const std::string_view space = parts_.escapes_spaces ? k_piece_space : " ";
  if (parts_.adds_prefix && !parts_.treats_space_as_suffix) normalized += space;
  bool is_behind_space = parts_.removes_extra_spaces;
  while (!text.empty()) {
    size_t plain = 0;
    while (plain < text.size() && is_plain_[static_cast<uint8_t>(text[plain])] &&
           (plain + 1 == text.size() || static_cast<uint8_t>(text[plain + 1]) < 0x80)) {
      ++plain;
    }
    if (plain > 0) {
      normalized += text.substr(0, plain);
      text.remove_prefix(plain);
      is_behind_space = false;
      continue;
    }
    Step next = step(text);
    while (is_behind_space && next.text.starts_with(' ')) next.text.remove_prefix(1);
    if (!next.text.empty()) {
      for (const char byte : next.text) {
        byte == ' ' ? normalized += space : normalized += byte;
      }
      is_behind_space = next.text.ends_with(' ');
    }
    text.remove_prefix(next.size);
    if (!parts_.removes_extra_spaces) is_behind_space = false;
  }
  if (parts_.removes_extra_spaces) {
    while (normalized.ends_with(space)) normalized.resize(normalized.size() - space.size());
  }
  if (parts_.adds_prefix && parts_.treats_space_as_suffix) normalized += space;
}

PieceNormalizer::Step PieceNormalizer::step(std::string_view text) const {
  if (const size_t size = symbols_.longest(text).first; size > 0) {
    return {text.substr(0, size), size};
  }
  const Step rule = longest_rule(text);
  if (rule.size > 0) return rule;
  const size_t size = character_size(text);
  return {text.substr(0, size), size};
}

PieceNormalizer::Step PieceNormalizer::longest_rule(std::string_view text) const {
  Step found;
  each_rule(parts_.units, text, [&](size_t size, uint32_t target) {
    if (target >= parts_.targets.size()) return;
    const char* begin = parts_.targets.data() + target;
    found = {.text = std::string_view(begin), .size = size};  // a NUL is behind all
  });
  return found;
}

}  // namespace headrace::text

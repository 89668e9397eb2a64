// What SentencePiece does to a text before it looks for pieces: characters and sequences of them
// become others by a table in the model, spaces are made single and become U+2581.
// Thread safety: const once built. Invariant: of a hostile table no more is read than it has.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/text/piece_trie.h"

namespace headrace::text {

inline constexpr std::string_view k_piece_space = "\xe2\x96\x81";

struct NormalizerParts {
  std::vector<uint32_t> units = {};  // a double array of darts-clone
  std::string targets = {};          // NUL behind each, and at the end
  bool adds_prefix = true;           // a space before the text, or behind it:
  bool treats_space_as_suffix = false;
  bool removes_extra_spaces = true;
  bool escapes_spaces = true;
};

class PieceNormalizer {
 public:
  PieceNormalizer() = default;
  // Symbols stay as they are.
  PieceNormalizer(NormalizerParts parts, PieceTrie symbols);
  void run(std::string_view text, std::string& normalized) const;
  const PieceTrie& symbols() const { return symbols_; }

 private:
  struct Step {
    std::string_view text;  // what the prefix becomes
    size_t size = 0;        // of the prefix
  };
  Step step(std::string_view text) const;
  Step longest_rule(std::string_view text) const;
  bool stays(std::string_view text) const;

  NormalizerParts parts_;
  PieceTrie symbols_;
  std::array<bool, 256> is_plain_ = {};  // stays as it is before another byte of ASCII
};

}  // namespace headrace::text

// Which characters stand beside each other in some piece: between two that never do, no piece goes
// across, and what is before and behind can be encoded apart. Thread safety: const once filled.
// Invariant: it never denies a pair that is in a piece; of others it affirms about one in 30.
#pragma once

#include <bitset>
#include <cstdint>
#include <memory>
#include <string_view>

#include "headrace/base/hash.h"
#include "headrace/text/unicode.h"

namespace headrace::text {

class PiecePairs {
 public:
  struct Letter {
    uint32_t bytes = 0;
    uint32_t size = 0;
  };
  // Of a text that is not empty.
  static Letter first_of(std::string_view text) {
    Letter letter{.size = static_cast<uint32_t>(character_size(text))};
    for (uint32_t i = 0; i < letter.size; ++i) {
      letter.bytes = letter.bytes << 8 | static_cast<uint8_t>(text[i]);
    }
    return letter;
  }

  void add(std::string_view piece) {
    Letter left = first_of(piece);
    for (size_t at = left.size; at < piece.size(); at += left.size) {
      const Letter right = first_of(piece.substr(at));
      if (is_ascii(left, right)) {
        ascii_->set(ascii_index(left, right));
      } else {
        others_->set(index(left, right));
      }
      left = right;
    }
  }
  bool may_join(Letter left, Letter right) const {
    return is_ascii(left, right) ? ascii_->test(ascii_index(left, right))
                                 : others_->test(index(left, right));
  }

 private:
  static constexpr size_t k_index_bits = 20;
  static bool is_ascii(Letter left, Letter right) { return (left.bytes | right.bytes) < 128; }
  static size_t ascii_index(Letter left, Letter right) { return left.bytes << 7 | right.bytes; }
  static size_t index(Letter left, Letter right) {
    return mix64(uint64_t{left.bytes} << 32 | right.bytes) >> (64 - k_index_bits);
  }

  using Ascii = std::bitset<size_t{1} << 14>;
  using Others = std::bitset<size_t{1} << k_index_bits>;
  std::unique_ptr<Ascii> ascii_ = std::make_unique<Ascii>();
  std::unique_ptr<Others> others_ = std::make_unique<Others>();
};

}  // namespace headrace::text

// Tokens that are found in the text before it is cut into words: <|endoftext|> and the like. The
// leftmost wins, and of those that begin at one place the longest.
// Thread safety: const once built. Invariant: pieces follow each other and cover the text.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::text {

struct AddedToken {
  std::string content = {};
  uint32_t id = 0;
  bool single_word = false;  // only where no letter, digit or _ touches it
  bool lstrip = false;       // takes the spaces before it along
  bool rstrip = false;
  bool normalized = true;  // is looked for in the normalized text
  bool special = false;
};

class AddedTokens {
 public:
  AddedTokens() = default;
  explicit AddedTokens(std::vector<AddedToken> tokens);
  AddedTokens(AddedTokens&&) = default;  // nodes point at the tokens: moved, never copied
  AddedTokens& operator=(AddedTokens&&) = default;
  std::optional<uint32_t> id_of(std::string_view content) const;
  uint32_t id_end() const;  // one more than the largest; 0 without tokens

  struct Piece {
    const AddedToken* token = nullptr;  // nullptr: text between tokens
    std::string_view text;
  };
  // Calls `take(piece)` for each until it returns false.
  template <typename Take>
  bool for_each_piece(std::string_view text, Take take) const;

 private:
  struct Node {
    uint32_t first_edge = 0;
    uint32_t edge_count = 0;
    const AddedToken* token = nullptr;
  };
  struct Edge {
    uint8_t byte = 0;
    uint32_t node = 0;
  };
  struct Match {
    const AddedToken* token = nullptr;
    size_t begin = 0;
    size_t end = 0;
  };
  // The first token that ends where others may still begin: `text` from `from`.
  Match next_match(std::string_view text, size_t from) const;
  const AddedToken* longest_at(std::string_view text, size_t at) const;
  uint32_t build(size_t from, size_t to, size_t depth);
  // With the spaces it takes along, none of them before `least`; false if letters touch it.
  static bool settle(std::string_view text, size_t least, Match& match);

  std::vector<AddedToken> tokens_;  // by content
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::array<bool, 256> begins_ = {};
};

template <typename Take>
bool AddedTokens::for_each_piece(std::string_view text, Take take) const {
  size_t done = 0, from = 0;
  while (!tokens_.empty()) {
    Match match = next_match(text, from);
    if (match.token == nullptr) break;
    from = match.end;
    if (!settle(text, done, match)) continue;
    if (match.begin > done && !take(Piece{nullptr, text.substr(done, match.begin - done)})) {
      return false;
    }
    if (!take(Piece{match.token, text.substr(match.begin, match.end - match.begin)})) return false;
    done = match.end;
    from = std::max(from, done);
  }
  return done == text.size() || take(Piece{nullptr, text.substr(done)});
}

}  // namespace headrace::text

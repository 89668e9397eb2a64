// A SentencePiece model (the .model of Llama 2, Gemma, T5, XLM-R and others): text to the same ids
// as the sentencepiece package, piece by piece. What it supports is on docs/text.md. Thread safety:
// const once loaded, shared by all threads; what is reused from text to text is in PieceScratch,
// one a thread. Invariants: 1. text is valid UTF-8; 2. encode allocates nothing after the longest
// texts, but for BPE models with unused pieces; 3. scores are added in the package's order and
// types, so that ties fall alike.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "headrace/text/piece_normalizer.h"
#include "headrace/text/piece_trie.h"
#include "headrace/text/word_cache.h"

namespace headrace::text {

enum class PieceType : uint8_t {
  normal = 1,
  unknown = 2,
  control = 3,
  user = 4,
  unused = 5,
  byte = 6
};

struct Piece {
  std::string text = {};
  float score = 0;
  PieceType type = PieceType::normal;
};

// A file's content, checked: pieces differ and are not empty, one is unknown, and where bytes stand
// for what is unknown there is a piece for each.
struct PieceParts {
  enum class Kind { unigram, bpe };
  Kind kind = Kind::unigram;
  std::vector<Piece> pieces = {};  // by id
  bool falls_back_to_bytes = false;
  NormalizerParts normalizer = {};
};

struct PieceScratch {
  struct Symbol {
    uint32_t begin = 0, size = 0;  // size 0: merged into the one before
    int32_t previous = -1, next = -1;
    bool is_frozen = false;
  };
  struct Candidate {
    float score = 0;
    uint32_t left = 0, right = 0, size = 0;
  };
  struct Node {  // the best way to a byte
    float score = 0;
    uint32_t begin = k_nowhere;
    uint32_t id = 0;
    static constexpr uint32_t k_nowhere = ~uint32_t{0};
    bool is_reached() const { return begin != k_nowhere; }
  };
  WordCache cache = {};
  std::string normalized = {};
  std::vector<Symbol> symbols = {};
  std::vector<Candidate> heap = {};
  // Of unused pieces, the sizes of their left parts.
  std::unordered_map<std::string_view, uint32_t> splits = {};
  std::vector<Node> nodes = {};
  std::vector<uint32_t> word_ids = {};
  float score = 0;  // of the way to the word at hand
};

class SentencePiece {
 public:
  explicit SentencePiece(PieceParts parts);
  SentencePiece(SentencePiece&&) noexcept = default;

  // Appends ids until there are `limit` in all.
  void encode(std::string_view text, size_t limit, PieceScratch& scratch,
              std::vector<uint32_t>& ids) const;
  std::optional<uint32_t> id_of(std::string_view piece) const;
  uint32_t id_end() const { return static_cast<uint32_t>(parts_.pieces.size()); }

 private:
  // Valid until the scratch is used again.
  std::span<const uint32_t> encode_word(std::string_view word, size_t readable_bytes,
                                        PieceScratch& scratch) const;
  void encode_bpe(std::string_view word, PieceScratch& scratch) const;
  void push_pair(std::string_view word, int32_t at, PieceScratch& scratch) const;
  void put_merged(std::string_view piece, PieceScratch& scratch) const;
  void put(std::string_view piece, uint32_t id, PieceScratch& scratch) const;
  void encode_unigram(std::string_view word, PieceScratch& scratch) const;
  void take_pieces(std::string_view word, size_t begin, size_t letter,
                   std::vector<PieceScratch::Node>& nodes) const;
  // Where the word that begins at `from` ends: words are encoded apart where no piece goes across.
  size_t word_end(std::string_view text, size_t from) const;

  PieceParts parts_;
  std::unordered_map<std::string_view, uint32_t> ids_;  // of normal, user and unused pieces
  PieceTrie trie_;                                      // the same
  PieceNormalizer normalizer_;
  std::vector<uint32_t> byte_ids_;
  uint32_t unknown_id_ = 0;
  float unknown_score_ = 0;
  bool cuts_words_ = false;
  bool has_unused_ = false;
};

// Throws Error: what the file asks for that is not supported, or what is wrong with it.
SentencePiece parse_sentencepiece(std::string_view bytes, const std::string& name);
// By its first byte, where it is no JSON: a model begins with a piece.
bool looks_like_sentencepiece(std::string_view bytes);

}  // namespace headrace::text

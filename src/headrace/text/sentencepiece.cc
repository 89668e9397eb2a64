// Merging and the search for the best way, as the package does both; a word at a time where no
// piece reaches from one word into the next, which gives the same ids.
#include "headrace/text/sentencepiece.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "headrace/text/unicode.h"

namespace headrace::text {
namespace {

using PieceCandidate = PieceScratch::Candidate;
using PieceSymbol = PieceScratch::Symbol;

constexpr float k_unknown_penalty = 10.0f;
constexpr float k_score_max = 100'000.0f;

// Of the first node what all ways behind it have in common is taken away.
void begin_anew(std::span<PieceScratch::Node> nodes) {
  const float common = nodes[0].score;
  nodes[0].score = 0;
  for (PieceScratch::Node& node : nodes.subspan(1)) {
    if (node.is_reached()) node.score -= common;
  }
}

bool is_mergeable(PieceType type) {
  return type == PieceType::normal || type == PieceType::user || type == PieceType::unused;
}

// Better than any piece, so that such a one is always taken, and a long one before two short ones.
float user_score(size_t size) { return static_cast<float>(0.1 * (static_cast<double>(size) - 1)); }

// A space behind something else: such a piece reaches from one word into the next.
bool crosses_words(std::string_view piece) {
  size_t at = 0;
  while (piece.substr(at).starts_with(k_piece_space)) at += k_piece_space.size();
  return piece.find(k_piece_space, at) != std::string_view::npos;
}

bool is_worse(const PieceCandidate& a, const PieceCandidate& b) {
  return a.score < b.score || (a.score == b.score && a.left > b.left);
}

}  // namespace

SentencePiece::SentencePiece(PieceParts parts) : parts_(std::move(parts)) {
  std::vector<PieceTrie::Entry> all, user;
  float score_min = FLT_MAX;
  cuts_words_ = parts_.normalizer.escapes_spaces;
  byte_ids_.resize(256);
  for (uint32_t id = 0; id < parts_.pieces.size(); ++id) {
    Piece& piece = parts_.pieces[id];
    if (piece.type == PieceType::unknown) unknown_id_ = id;
    if (piece.type == PieceType::byte) {
      byte_ids_[std::stoul(piece.text.substr(3, 2), nullptr, 16)] = id;
    }
    if (piece.type == PieceType::normal) score_min = std::min(score_min, piece.score);
    if (piece.type == PieceType::user && parts_.kind == PieceParts::Kind::unigram) {
      piece.score = user_score(piece.text.size());
    }
    has_unused_ |= piece.type == PieceType::unused;
    if (!is_mergeable(piece.type)) continue;
    cuts_words_ &= !crosses_words(piece.text);
    ids_.emplace(piece.text, id);
    all.emplace_back(piece.text, id);
    if (piece.type == PieceType::user) user.emplace_back(piece.text, id);
  }
  unknown_score_ = score_min - k_unknown_penalty;
  trie_ = PieceTrie(std::move(all));
  // Which merges an unused piece came from is remembered over the whole text.
  if (has_unused_ && parts_.kind == PieceParts::Kind::bpe) cuts_words_ = false;
  normalizer_ = PieceNormalizer(std::move(parts_.normalizer), PieceTrie(std::move(user)));
}

void SentencePiece::encode(std::string_view text, size_t limit, PieceScratch& scratch,
                           std::vector<uint32_t>& ids) const {
  normalizer_.run(text, scratch.normalized);
  const std::string_view normalized = scratch.normalized;
  scratch.splits.clear();
  scratch.score = 0;
  bool was_unknown = false;
  for (size_t from = 0; from < normalized.size() && ids.size() < limit;) {
    const size_t end = word_end(normalized, from);
    const std::span<const uint32_t> word_ids =
        encode_word(normalized.substr(from, end - from), normalized.size() - from, scratch);
    from = end;
    for (const uint32_t id : word_ids) {
      const bool is_unknown = id == unknown_id_;
      // The package writes what is unknown in one piece.
      if (!(is_unknown && was_unknown)) ids.push_back(id);
      was_unknown = is_unknown;
    }
  }
  ids.resize(std::min(ids.size(), limit));
}

size_t SentencePiece::word_end(std::string_view text, size_t from) const {
  if (!cuts_words_) return text.size();
  while (text.substr(from).starts_with(k_piece_space)) from += k_piece_space.size();
  return std::min(text.find(k_piece_space, from), text.size());
}

std::span<const uint32_t> SentencePiece::encode_word(std::string_view word, size_t readable_bytes,
                                                     PieceScratch& scratch) const {
  scratch.word_ids.clear();
  if (parts_.kind == PieceParts::Kind::unigram) {
    encode_unigram(word, scratch);
    return scratch.word_ids;
  }
  if (word.size() > WordCache::k_word_bytes_max || has_unused_) {
    encode_bpe(word, scratch);
    return scratch.word_ids;
  }
  const WordCache::Key key = WordCache::key_of(word, readable_bytes);
  if (const auto known = scratch.cache.find(key); !known.empty()) return known;
  encode_bpe(word, scratch);
  if (scratch.word_ids.size() <= WordCache::k_id_count_max) {
    scratch.cache.put(key, scratch.word_ids);
  }
  return scratch.word_ids;
}

void SentencePiece::encode_bpe(std::string_view word, PieceScratch& scratch) const {
  std::vector<PieceSymbol>& symbols = scratch.symbols;
  symbols.clear();
  for (size_t at = 0; at < word.size();) {
    const std::string_view rest = word.substr(at);
    const size_t frozen = normalizer_.symbols().longest(rest).first;
    const size_t size = frozen > 0 ? frozen : character_size(rest);
    const auto index = static_cast<int32_t>(symbols.size());
    symbols.push_back({.begin = static_cast<uint32_t>(at),
                       .size = static_cast<uint32_t>(size),
                       .previous = index - 1,
                       .next = index + 1,
                       .is_frozen = frozen > 0});
    at += size;
  }
  symbols.back().next = -1;
  scratch.heap.clear();
  for (size_t i = 1; i < symbols.size(); ++i) push_pair(word, static_cast<int32_t>(i - 1), scratch);
  while (!scratch.heap.empty()) {
    std::ranges::pop_heap(scratch.heap, is_worse);
    const PieceCandidate best = scratch.heap.back();
    scratch.heap.pop_back();
    PieceSymbol &left = symbols[best.left], &right = symbols[best.right];
    if (left.size == 0 || right.size == 0 || left.size + right.size != best.size) continue;
    left.size += right.size;
    left.next = right.next;
    if (right.next >= 0)
      symbols[static_cast<size_t>(right.next)].previous = static_cast<int32_t>(best.left);
    right.size = 0;
    push_pair(word, left.previous, scratch);
    push_pair(word, static_cast<int32_t>(best.left), scratch);
  }
  for (int32_t i = 0; i >= 0; i = symbols[static_cast<size_t>(i)].next) {
    const PieceSymbol& symbol = symbols[static_cast<size_t>(i)];
    put_merged(word.substr(symbol.begin, symbol.size), scratch);
  }
}

void SentencePiece::push_pair(std::string_view word, int32_t at, PieceScratch& scratch) const {
  if (at < 0) return;
  const PieceSymbol& left = scratch.symbols[static_cast<size_t>(at)];
  if (left.next < 0 || left.is_frozen) return;
  const PieceSymbol& right = scratch.symbols[static_cast<size_t>(left.next)];
  if (right.is_frozen) return;
  const std::string_view both = word.substr(left.begin, left.size + right.size);
  const auto found = ids_.find(both);
  if (found == ids_.end()) return;
  const Piece& piece = parts_.pieces[found->second];
  scratch.heap.push_back({.score = piece.score,
                          .left = static_cast<uint32_t>(at),
                          .right = static_cast<uint32_t>(left.next),
                          .size = left.size + right.size});
  std::ranges::push_heap(scratch.heap, is_worse);
  if (piece.type == PieceType::unused) scratch.splits[piece.text] = left.size;
}

// A piece that must not be used is what it was merged from.
void SentencePiece::put_merged(std::string_view piece, PieceScratch& scratch) const {
  const auto found = ids_.find(piece);
  if (found == ids_.end()) return put(piece, unknown_id_, scratch);
  if (parts_.pieces[found->second].type == PieceType::unused) {
    if (const auto split = scratch.splits.find(piece); split != scratch.splits.end()) {
      const uint32_t size = split->second;
      put_merged(piece.substr(0, size), scratch);
      return put_merged(piece.substr(size), scratch);
    }
    return put(piece, unknown_id_, scratch);
  }
  put(piece, found->second, scratch);
}

void SentencePiece::put(std::string_view piece, uint32_t id, PieceScratch& scratch) const {
  if (id != unknown_id_ || !parts_.falls_back_to_bytes) {
    scratch.word_ids.push_back(id);
    return;
  }
  for (const char byte : piece) {
    scratch.word_ids.push_back(byte_ids_[static_cast<uint8_t>(byte)]);
  }
}

// The best way to each byte. Scores go on from word to word, since rounding decides between ways
// that are equally good, and are taken back to nothing before rounding grows: as in the package.
void SentencePiece::encode_unigram(std::string_view word, PieceScratch& scratch) const {
  std::vector<PieceScratch::Node>& nodes = scratch.nodes;
  nodes.assign(word.size() + 1, {});
  nodes[0].score = scratch.score;
  for (size_t begin = 0; begin < word.size();) {
    if (std::abs(nodes[begin].score) > k_score_max) begin_anew(std::span(nodes).subspan(begin));
    const size_t letter = character_size(word.substr(begin));
    take_pieces(word, begin, letter, nodes);
    begin += letter;
  }
  scratch.score = nodes[word.size()].score;
  for (size_t end = word.size(); end > 0;) {
    const PieceScratch::Node& node = nodes[end];
    const auto begin = static_cast<size_t>(node.begin);
    if (node.id == unknown_id_ && parts_.falls_back_to_bytes) {
      for (size_t i = end; i > begin; --i) {
        scratch.word_ids.push_back(byte_ids_[static_cast<uint8_t>(word[i - 1])]);
      }
    } else {
      scratch.word_ids.push_back(node.id);
    }
    end = begin;
  }
  std::ranges::reverse(scratch.word_ids);
}

void SentencePiece::take_pieces(std::string_view word, size_t begin, size_t letter,
                                std::vector<PieceScratch::Node>& nodes) const {
  const float till_here = nodes[begin].score;
  const auto take = [&](size_t end, float score, uint32_t id) {
    PieceScratch::Node& node = nodes[end];
    const float candidate = score + till_here;
    if (node.is_reached() && !(candidate > node.score)) return;
    node = {.score = candidate, .begin = static_cast<uint32_t>(begin), .id = id};
  };
  bool has_letter = false;
  uint32_t place = PieceTrie::root();
  for (size_t end = begin; end < word.size() && !trie_.empty();) {
    place = trie_.step(place, word[end++]);
    if (place == PieceTrie::k_none) break;
    const uint32_t id = trie_.value(place);
    if (id == PieceTrie::k_none || parts_.pieces[id].type == PieceType::unused) continue;
    take(end, parts_.pieces[id].score, id);
    has_letter |= end - begin == letter;
  }
  if (!has_letter) take(begin + letter, unknown_score_, unknown_id_);
}

std::optional<uint32_t> SentencePiece::id_of(std::string_view piece) const {
  if (const auto found = ids_.find(piece); found != ids_.end()) return found->second;
  const auto reserved = std::ranges::find(parts_.pieces, piece, &Piece::text);
  if (reserved == parts_.pieces.end()) return std::nullopt;
  return static_cast<uint32_t>(reserved - parts_.pieces.begin());
}

}  // namespace headrace::text

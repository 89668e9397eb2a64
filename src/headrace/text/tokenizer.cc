// From outside in: the whole text, pieces between added tokens, words. Each returns false once the
// limit is reached.
#include "headrace/text/tokenizer.h"

#include <algorithm>

#include "headrace/base/check.h"

namespace headrace::text {

std::span<const uint32_t> Tokenizer::encode(std::string_view bytes, const EncodeOptions& options,
                                            TokenizerScratch& scratch) const {
  // A word's bytes are numbered with 32 bits, and U+FFFD is three bytes for one.
  HR_CHECK(bytes.size() <= std::numeric_limits<uint32_t>::max() / 3, "{} bytes", bytes.size());
  const std::span<const uint32_t> none, before(parts_.before), after(parts_.after);
  const auto around = options.add_special_tokens ? before.size() + after.size() : 0;
  std::vector<uint32_t>& ids = scratch.ids;
  ids.clear();
  if (options.add_special_tokens) ids.assign(before.begin(), before.end());
  const size_t inner_max = options.token_count_max - std::min(around, options.token_count_max);
  const size_t limit = ids.size() + std::min(inner_max, ids.max_size() - ids.size());
  const std::string_view text = repair_utf8(bytes, scratch.repaired);
  if (pieces_) {
    if (!scratch.pieces) scratch.pieces = std::make_unique<PieceScratch>();
    pieces_->encode(text, limit, *scratch.pieces, ids);
    return ids;
  }
  parts_.raw_tokens.for_each_piece(text, [&](const AddedTokens::Piece& piece) {
    if (piece.token == nullptr) return encode_piece(piece.text, limit, scratch);
    ids.push_back(piece.token->id);
    return ids.size() < limit;
  });
  ids.resize(std::min(ids.size(), limit));
  if (options.add_special_tokens) ids.insert(ids.end(), after.begin(), after.end());
  return std::span<const uint32_t>(ids).first(std::min(ids.size(), options.token_count_max));
}

bool Tokenizer::encode_piece(std::string_view text, size_t limit, TokenizerScratch& scratch) const {
  if (parts_.normalizes_nfc) text = normalize_nfc(text, scratch.normalize);
  return parts_.normalized_tokens.for_each_piece(text, [&](const AddedTokens::Piece& piece) {
    if (piece.token == nullptr) return encode_plain(piece.text, limit, scratch);
    scratch.ids.push_back(piece.token->id);
    return scratch.ids.size() < limit;
  });
}

bool Tokenizer::encode_plain(std::string_view text, size_t limit, TokenizerScratch& scratch) const {
  if (parts_.adds_prefix_space && text[0] != ' ') {
    text = scratch.prefixed.assign(" ").append(text);
  }
  switch (parts_.style) {
    case Style::gpt2:
      return encode_words<Style::gpt2>(text, limit, scratch);
    case Style::llama3:
      return encode_words<Style::llama3>(text, limit, scratch);
    case Style::qwen2:
      return encode_words<Style::qwen2>(text, limit, scratch);
  }
  return true;
}

template <Style style>
bool Tokenizer::encode_words(std::string_view text, size_t limit, TokenizerScratch& scratch) const {
  const char* const end = text.data() + text.size();
  for_each_word<style>(text, [&](std::string_view word) {
    encode_word(word, static_cast<size_t>(end - word.data()), scratch);
    return scratch.ids.size() < limit;
  });
  return scratch.ids.size() < limit;
}

void Tokenizer::encode_word(std::string_view word, size_t readable_bytes,
                            TokenizerScratch& scratch) const {
  if (word.size() > WordCache::k_word_bytes_max) return merge(word, scratch);
  std::vector<uint32_t>& ids = scratch.ids;
  const WordCache::Key key = WordCache::key_of(word, readable_bytes);
  const std::span<const uint32_t> known = scratch.cache.find(key);
  if (!known.empty()) {
    ids.insert(ids.end(), known.begin(), known.end());
    return;
  }
  const size_t before = ids.size();
  merge(word, scratch);
  if (ids.size() - before <= WordCache::k_id_count_max) {
    scratch.cache.put(key, std::span<const uint32_t>(ids).subspan(before));
  }
}

void Tokenizer::merge(std::string_view word, TokenizerScratch& scratch) const {
  if (parts_.ignores_merges) {
    if (const auto id = parts_.vocabulary.id_of(word)) return scratch.ids.push_back(*id);
  }
  merge_word(parts_.vocabulary, word, scratch.bpe, scratch.ids);
}

std::optional<uint32_t> Tokenizer::id_of(std::string_view token) const {
  if (pieces_) return pieces_->id_of(token);
  if (const auto id = parts_.raw_tokens.id_of(token)) return id;
  if (const auto id = parts_.normalized_tokens.id_of(token)) return id;
  return parts_.vocabulary.id_of(token);
}

uint32_t Tokenizer::id_end() const {
  if (pieces_) return pieces_->id_end();
  return std::max(
      {parts_.vocabulary.id_end(), parts_.raw_tokens.id_end(), parts_.normalized_tokens.id_end()});
}

}  // namespace headrace::text

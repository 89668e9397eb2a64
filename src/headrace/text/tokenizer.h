// A tokenizer.json of Hugging Face's tokenizers, byte-level BPE, or a model of SentencePiece: text
// to the same ids, token by token. What it supports is on docs/text.md. Thread safety: const once
// loaded, shared by all threads; what is reused from text to text is in TokenizerScratch, one a
// thread. Invariants: 1. any bytes are text: what is not UTF-8 becomes U+FFFD, as in Python's
// errors="replace"; 2. encode allocates nothing after the longest texts.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headrace/base/files.h"
#include "headrace/text/added_tokens.h"
#include "headrace/text/bpe.h"
#include "headrace/text/normalize.h"
#include "headrace/text/sentencepiece.h"
#include "headrace/text/split.h"
#include "headrace/text/vocabulary.h"
#include "headrace/text/word_cache.h"

namespace headrace::text {

struct TokenizerScratch {
  WordCache cache = {};
  BpeScratch bpe = {};
  NormalizeScratch normalize = {};
  std::string repaired = {};
  std::string prefixed = {};
  std::vector<uint32_t> ids = {};
  std::unique_ptr<PieceScratch> pieces = {};  // made by the first text of a SentencePiece model
};

struct EncodeOptions {
  bool add_special_tokens = true;  // those that the file's post-processor puts around a text
  // The first so many, those around the text included; what is behind is not looked at.
  size_t token_count_max = std::numeric_limits<size_t>::max();
};

// A file's content, checked.
struct TokenizerParts {
  Vocabulary vocabulary = {};
  AddedTokens raw_tokens = {};         // looked for in the text as it is
  AddedTokens normalized_tokens = {};  // and in what the normalizer made of it
  Style style = Style::gpt2;
  bool normalizes_nfc = false;
  bool adds_prefix_space = false;
  bool ignores_merges = false;  // a word that is a token is that token
  std::vector<uint32_t> before = {};
  std::vector<uint32_t> after = {};
};

class Tokenizer {
 public:
  explicit Tokenizer(TokenizerParts parts) : parts_(std::move(parts)) {}
  explicit Tokenizer(SentencePiece pieces) : pieces_(std::move(pieces)) {}

  // The ids, valid until the scratch is used again. At most 4 GiB of text.
  std::span<const uint32_t> encode(std::string_view bytes, const EncodeOptions& options,
                                   TokenizerScratch& scratch) const;

  // Of a token, also of an added one ("<|endoftext|>"); nothing where there is none.
  std::optional<uint32_t> id_of(std::string_view token) const;
  // One more than the largest id.
  uint32_t id_end() const;
  const TokenizerParts& parts() const { return parts_; }

 private:
  template <Style style>
  bool encode_words(std::string_view text, size_t limit, TokenizerScratch& scratch) const;
  bool encode_plain(std::string_view text, size_t limit, TokenizerScratch& scratch) const;
  bool encode_piece(std::string_view text, size_t limit, TokenizerScratch& scratch) const;
  void encode_word(std::string_view word, size_t readable_bytes, TokenizerScratch& scratch) const;
  void merge(std::string_view word, TokenizerScratch& scratch) const;

  TokenizerParts parts_;
  std::optional<SentencePiece> pieces_;  // then they alone count
};

inline constexpr uint64_t k_tokenizer_bytes_max = uint64_t{256} << 20;  // of a file
// Throws Error: what the file asks for that is not supported, or what is wrong with it.
Tokenizer load_tokenizer(Files& files, const std::string& path);
Tokenizer parse_tokenizer(std::string_view bytes, const std::string& name);

}  // namespace headrace::text
